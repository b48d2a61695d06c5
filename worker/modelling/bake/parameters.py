"""The parameters of a trained DistilBERT under the names of our graphs, and their quantised form."""

from collections.abc import Mapping

import numpy as np

from worker.engines.tensors import PARTS
from worker.engines.weights import Float, Layer, Linear, Norm, Shape, Table, Weights

Parameters = dict[str, Float]
"""fp32 arrays by name; matrices are [inputs, outputs]."""

EPSILON = 1e-12
"""Of every layer normalisation in DistilBERT."""


def parameters(state: Mapping[str, Float], layers: int) -> Parameters:
    """Rename the state dict of a ``DistilBertForSequenceClassification``.

    Raises:
        KeyError: a parameter is missing.
    """
    embeddings = "distilbert.embeddings"
    named = {f"{table}s.weight": state[f"{embeddings}.{table}_embeddings.weight"] for table in ("word", "position")}
    named |= _vectors(state, f"{embeddings}.LayerNorm", "norm")
    for index in range(layers):
        named |= _layer(state, f"distilbert.transformer.layer.{index}", f"layers.{index}")
    return named | _linear(state, "pre_classifier", "pooler") | _vectors(state, "classifier", "classifier")


def _layer(state: Mapping[str, Float], theirs: str, ours: str) -> Parameters:
    attention = f"{theirs}.attention"
    sources = [f"{attention}.{part[0]}_lin" for part in PARTS]
    named: Parameters = {
        f"{ours}.{part}.weight": np.ascontiguousarray(state[f"{source}.weight"].T)
        for part, source in zip(PARTS, sources, strict=True)
    }
    named[f"{ours}.attention.bias"] = np.concatenate([state[f"{source}.bias"] for source in sources])
    return (
        named
        | _linear(state, f"{attention}.out_lin", f"{ours}.output")
        | _vectors(state, f"{theirs}.sa_layer_norm", f"{ours}.attention_norm")
        | _linear(state, f"{theirs}.ffn.lin1", f"{ours}.expand")
        | _linear(state, f"{theirs}.ffn.lin2", f"{ours}.contract")
        | _vectors(state, f"{theirs}.output_layer_norm", f"{ours}.output_norm")
    )


def _linear(state: Mapping[str, Float], theirs: str, ours: str) -> Parameters:
    weight = np.ascontiguousarray(state[f"{theirs}.weight"].T)
    return {f"{ours}.weight": weight, f"{ours}.bias": state[f"{theirs}.bias"]}


def _vectors(state: Mapping[str, Float], theirs: str, ours: str) -> Parameters:
    return {f"{ours}.{part}": state[f"{theirs}.{part}"] for part in ("weight", "bias")}


def quantise(named: Parameters, layers: int, heads: int) -> Weights:
    """Quantise tables with a scale a row, and matrices with a scale a column."""

    def linear(name: str) -> Linear:
        return Linear.quantise(named[f"{name}.weight"].T, named[f"{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(named[f"{name}.weight"], named[f"{name}.bias"])

    def layer(name: str) -> Layer:
        joined = np.concatenate([named[f"{name}.{part}.weight"].T for part in PARTS])
        return Layer(
            attention=Linear.quantise(joined, named[f"{name}.attention.bias"]),
            output=linear(f"{name}.output"),
            attention_norm=norm(f"{name}.attention_norm"),
            expand=linear(f"{name}.expand"),
            contract=linear(f"{name}.contract"),
            output_norm=norm(f"{name}.output_norm"),
        )

    words, positions = named["words.weight"], named["positions.weight"]
    width, hidden = named["layers.0.expand.weight"].shape
    shape = Shape(layers, width, hidden, heads, len(words), len(positions), len(named["classifier.bias"]))
    return Weights(
        shape=shape,
        epsilon=EPSILON,
        words=Table.quantise(words),
        positions=Table.quantise(positions),
        norm=norm("norm"),
        layers=tuple(layer(f"layers.{index}") for index in range(layers)),
        pooler=linear("pooler"),
        classifier=norm("classifier"),
    )
