"""Where weights come from: a pinned revision on the hub, or a folder that transformers saved."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import reason
from worker.engines.facts import Source
from worker.engines.manifest import file_digest
from worker.modelling.hub import CONFIG, TOKENIZER, VOCABULARY, WEIGHTS, fetch

_PINNED: Final = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})")
_ACTIVATION: Final = "gelu"
_OUTPUTS: Final = 2
_UNNAMED: Final = re.compile(r"LABEL_\d+")
"""Names that transformers makes up where nobody has given any."""


@dataclass(frozen=True)
class Trained:
    """A checked classifier on this machine."""

    folder: Path
    source: Source
    layers: int
    heads: int
    labels: tuple[str, ...]


def resolve(source: str, expected_digest: str | None) -> Trained:
    """Get a model and check that it is what we can bake.

    Args:
        source: ``owner/name@revision`` with 40 hex digits, or a folder.
        expected_digest: SHA-256 that the weights must have, as hex.

    Raises:
        ModelError: it is out of reach, has other weights, or is no DistilBERT with two labels.
    """
    if source and Path(source).is_dir():
        folder = Path(source)
        kind, name, revision = "folder", folder.resolve().name, ""
    elif match := _PINNED.fullmatch(source):
        kind, name, revision = "hub", match["name"], match["revision"]
        folder = fetch(name, revision)
    else:
        raise ModelError(f"{source!r} is neither a folder nor owner/name@revision with a revision of 40 hex digits")
    config = _config(folder, source)
    layers, heads = _shape(config, source)
    labels = _labels(config, source)
    digest = _weights_digest(folder, source)
    if expected_digest and digest != expected_digest.lower():
        raise ModelError(f"the weights of {source} have the digest {digest}, not {expected_digest}")
    named = Source.model_validate({"kind": kind, "name": name, "revision": revision or digest})
    return Trained(folder, named, layers, heads, labels)


def load_weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Read every weight as fp32.

    Raises:
        ModelError: the file cannot be read.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415

    try:
        return {name: value.astype(np.float32) for name, value in load_file(folder / WEIGHTS).items()}
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{folder / WEIGHTS} cannot be read: {error}") from None


def save_tokenizer(folder: Path, target: Path) -> None:
    """Write a model's tokenizer as one file; older models on the hub have only a vocabulary.

    Padding and truncation, which such a file may ask for, are left to the engine.

    Raises:
        ModelError: it cannot be read.
    """
    from transformers import AutoTokenizer  # noqa: PLC0415

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    except Exception as error:
        raise ModelError(f"the tokenizer in {folder} cannot be read: {reason(error)}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(target))


def _config(folder: Path, source: str) -> dict[str, Any]:
    """Read the configuration, and check that it is one of ours."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{source} holds no model: {CONFIG} cannot be read") from None
    if not isinstance(config, dict):
        raise ModelError(f"{source} holds no model: {CONFIG} is not an object")
    architecture = (config.get("architectures") or ["of an unknown architecture"])[0]
    if config.get("model_type") != "distilbert" or architecture != "DistilBertForSequenceClassification":
        raise ModelError(f"{source} is {architecture}, not a DistilBertForSequenceClassification")
    return config


def _labels(config: dict[str, Any], source: str) -> tuple[str, ...]:
    """Return the names of the two outputs, in their order; the usual two in their usual case."""
    names = config.get("id2label") or {}
    labels = tuple(str(names.get(str(index), "")) for index in range(len(names)))
    if len(set(labels)) != _OUTPUTS or "" in labels:
        raise ModelError(f"{source} is not a classifier with two labels: id2label in its {CONFIG} must name them")
    if any(map(_UNNAMED.fullmatch, labels)):
        raise ModelError(f"{source} has labels without a meaning ({', '.join(labels)}): name them in its {CONFIG}")
    return DEFAULT_LABELS if tuple(map(str.upper, labels)) == DEFAULT_LABELS else labels


def _shape(config: dict[str, Any], source: str) -> tuple[int, int]:
    """Return the numbers of layers and of heads."""
    layers, heads, width = (config.get(key) for key in ("n_layers", "n_heads", "dim"))
    if (
        not (isinstance(layers, int) and isinstance(heads, int) and isinstance(width, int))
        or heads < 1
        or width % heads
    ):
        raise ModelError(f"{source} has no sensible n_layers, n_heads and dim in its {CONFIG}")
    if config.get("activation", _ACTIVATION) != _ACTIVATION or config.get("max_position_embeddings") != MAX_TOKENS:
        raise ModelError(f"{source} is a DistilBERT of another shape: it needs gelu and {MAX_TOKENS} positions")
    return layers, heads


def _weights_digest(folder: Path, source: str) -> str:
    if not (folder / WEIGHTS).is_file():
        raise ModelError(f"{source} has no {WEIGHTS}")
    if not any((folder / name).is_file() for name in (TOKENIZER, VOCABULARY)):
        raise ModelError(f"{source} has neither {TOKENIZER} nor {VOCABULARY}")
    return file_digest(folder / WEIGHTS)
