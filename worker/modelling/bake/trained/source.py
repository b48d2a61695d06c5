"""Where weights come from: a pinned revision on the hub, or a folder that transformers saved."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.contract.errors import ModelError
from worker.engines.facts import Source
from worker.digests import file_digest
from worker.modelling.bake.trained.families import FAMILIES, Family
from worker.modelling.hub import CONFIG, TOKENIZER, VOCABULARIES, WEIGHTS, fetch

_PINNED: Final = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})")
_CLASSIFIER: Final = "ForSequenceClassification"
_PICKLED: Final = ("pytorch_model.bin", "tf_model.h5", "flax_model.msgpack")
"""Files of weights that are code or belong to other libraries; never loaded."""


@dataclass(frozen=True)
class Trained:
    """A checked classifier on this machine."""

    folder: Path
    source: Source
    architecture: str
    """The model's type as transformers names it."""
    family: Family
    config: dict[str, Any]


def resolve(source: str, expected_digest: str | None) -> Trained:
    """Get a model and check that it is one that can be baked.

    Args:
        source: ``owner/name@revision`` with 40 hex digits, or a folder.
        expected_digest: SHA-256 that the weights must have, as hex.

    Raises:
        ModelError: it is out of reach, has other weights or none, or is of another architecture.
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
    family = _family(config, source)
    digest = _weights_digest(folder, source)
    if expected_digest and digest != expected_digest.lower():
        raise ModelError(f"the weights of {source} have the digest {digest}, not {expected_digest}")
    named = Source.model_validate({"kind": kind, "name": name, "revision": revision or digest})
    return Trained(folder, named, config["model_type"], family, config)


def _config(folder: Path, source: str) -> dict[str, Any]:
    """Read the configuration."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{source} holds no model: {CONFIG} cannot be read") from None
    if not isinstance(config, dict):
        raise ModelError(f"{source} holds no model: {CONFIG} is not an object")
    return config


def _family(config: dict[str, Any], source: str) -> Family:
    """Return the model's architecture."""
    architecture = (config.get("architectures") or ["of an unknown architecture"])[0]
    family = FAMILIES.get(str(config.get("model_type")))
    if family is None or architecture != family.model:
        taken = [known.model.removesuffix(_CLASSIFIER) for known in FAMILIES.values()]
        raise ModelError(
            f"{source} is {architecture}, which cannot be baked: bake takes the {_CLASSIFIER} of {', '.join(taken)}"
        )
    return family


def _weights_digest(folder: Path, source: str) -> str:
    if not (folder / WEIGHTS).is_file():
        pickled = [name for name in _PICKLED if (folder / name).is_file()]
        saved = f": {pickled[0]} is never loaded, save the model with safetensors" if pickled else ""
        raise ModelError(f"{source} has no {WEIGHTS}{saved}")
    if not any((folder / name).is_file() for name in (TOKENIZER, *VOCABULARIES)):
        raise ModelError(f"{source} has no tokenizer: neither {TOKENIZER} nor {' nor '.join(VOCABULARIES)}")
    return file_digest(folder / WEIGHTS)
