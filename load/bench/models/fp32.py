"""Quantised weights as fp32 again, and in the files that transformers loads: they need no torch to be written."""

import json
import shutil
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from shared.contract.names import MAX_TOKENS
from worker.engines.manifest import WEIGHTS_FILE, WEIGHTS_FOLDER, load_manifest
from worker.engines.text.tokenizer import TOKENIZER_FILE
from worker.engines.weights import Float, Layer, Linear, Norm, Table, Weights, read_weights
from worker.modelling.hub import CONFIG, TOKENIZER, WEIGHTS

MADE: Final = Path("build/fp32")
_HEADER: Final = struct.Struct("<Q")
_ALIGNMENT: Final = 8
_INPUTS: Final = ("input_ids", "attention_mask")
_SPECIAL: Final = ("PAD", "UNK", "CLS", "SEP", "MASK")

State = dict[str, Float]
"""Parameters under the names of a ``DistilBertForSequenceClassification``; matrices are [outputs, inputs]."""


def fp32_folder(model_dir: Path, made: Path = MADE) -> Path:
    """Return a folder with a model's fp32 weights: those that its bake has kept, or its int8 ones in fp32.

    Args:
        model_dir: a baked model of schema 2.
        made: folder of those that were made, each in a folder named by the model's version.

    Raises:
        ModelError: there is no such model.
    """
    if (model_dir / WEIGHTS_FOLDER).is_dir():
        return model_dir / WEIGHTS_FOLDER
    manifest = load_manifest(model_dir)
    folder = made / manifest.version
    if not (folder / WEIGHTS).is_file():
        weights = read_weights(model_dir / WEIGHTS_FILE)
        shutil.rmtree(folder, ignore_errors=True)
        save_fp32(folder, weights, manifest.labels, model_dir / TOKENIZER_FILE)
    return folder


def matrix(linear: Linear) -> Float:
    """Return the weights of a product, [inputs, outputs]."""
    values: Float = linear.weights * linear.scales
    return values


def rows(table: Table) -> Float:
    """Return the rows of an embedding table."""
    values: Float = table.rows * table.scales[:, None]
    return values


def save_fp32(folder: Path, weights: Weights, labels: Sequence[str], tokenizer: Path) -> None:
    """Write a folder as transformers saves it.

    Args:
        folder: it is made.
        weights: of the model.
        labels: names of its outputs.
        tokenizer: the tokenizer's file.
    """
    folder.mkdir(parents=True)
    save_description(folder, weights, labels, tokenizer)
    _save_tensors(folder / WEIGHTS, state(weights))


def save_description(folder: Path, weights: Weights, labels: Sequence[str], tokenizer: Path) -> None:
    """Write the files that transformers loads beside the weights: tokenizer and configuration; see `save_fp32`."""
    shutil.copyfile(tokenizer, folder / TOKENIZER)
    special = {f"{name.lower()}_token": f"[{name}]" for name in _SPECIAL}
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_TOKENS, "model_input_names": _INPUTS}
    (folder / "tokenizer_config.json").write_text(json.dumps(about | special, indent=1))
    (folder / CONFIG).write_text(json.dumps(_config(weights, labels), indent=1))


def state(weights: Weights) -> State:
    """Return all parameters."""
    embeddings = "distilbert.embeddings"
    named = {
        f"{embeddings}.word_embeddings.weight": rows(weights.words),
        f"{embeddings}.position_embeddings.weight": rows(weights.positions),
    }
    named |= _norm(f"{embeddings}.LayerNorm", weights.norm)
    for index, layer in enumerate(weights.layers):
        named |= _layer(f"distilbert.transformer.layer.{index}", layer)
    return named | _linear("pre_classifier", weights.pooler) | _norm("classifier", weights.classifier)


def _layer(name: str, layer: Layer) -> State:
    joined, biases = np.split(matrix(layer.attention), 3, axis=1), np.split(layer.attention.bias, 3)
    named: State = {}
    for part, values, bias in zip("qkv", joined, biases, strict=True):
        named |= {f"{name}.attention.{part}_lin.weight": values.T, f"{name}.attention.{part}_lin.bias": bias}
    return (
        named
        | _linear(f"{name}.attention.out_lin", layer.output)
        | _norm(f"{name}.sa_layer_norm", layer.attention_norm)
        | _linear(f"{name}.ffn.lin1", layer.expand)
        | _linear(f"{name}.ffn.lin2", layer.contract)
        | _norm(f"{name}.output_layer_norm", layer.output_norm)
    )


def _linear(name: str, linear: Linear) -> State:
    return {f"{name}.weight": matrix(linear).T, f"{name}.bias": linear.bias}


def _norm(name: str, norm: Norm) -> State:
    return {f"{name}.weight": norm.weight, f"{name}.bias": norm.bias}


def _config(weights: Weights, labels: Sequence[str]) -> dict[str, Any]:
    shape = weights.shape
    return {
        "architectures": ["DistilBertForSequenceClassification"],
        "model_type": "distilbert",
        "activation": "gelu",
        "dim": shape.width,
        "hidden_dim": shape.hidden,
        "n_layers": shape.layers,
        "n_heads": shape.heads,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "pad_token_id": 0,
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
    }


def _save_tensors(path: Path, tensors: Mapping[str, Float]) -> None:
    """Write the safetensors format: the length of a JSON header, the header, and the values in its order."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, values in tensors.items():
        begin, end = end, end + values.nbytes
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    with path.open("wb") as file:
        file.write(_HEADER.pack(len(text)) + text)
        for values in tensors.values():
            file.write(values.astype("<f4").tobytes())
