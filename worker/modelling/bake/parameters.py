"""The parameters of a trained encoder under the names of our graphs, and their quantised form."""

from collections.abc import Mapping

import numpy as np

from worker.engines.tensors import PARTS
from worker.engines.weights import Float, Form, Layer, Linear, Norm, Shape, Table, Weights
from worker.modelling.bake.trained.families import Names

Parameters = dict[str, Float]
"""fp32 arrays by name; matrices are [inputs, outputs]."""


def parameters(state: Mapping[str, Float], names: Names, form: Form) -> Parameters:
    """Rename the state dict of a sequence classifier, and fold into its tables what is the same for every text.

    Raises:
        KeyError: a parameter is missing.
    """
    named: Parameters = {
        "words.weight": state[f"{names.embeddings}.word_embeddings.weight"],
        "positions.weight": _positions(state, names, form.padding),
    }
    named |= _vectors(state, f"{names.embeddings}.LayerNorm", "norm")
    if f"{names.projection}.weight" in state:
        named |= _linear(state, names.projection, "projection")
    for index in range(form.layers):
        named |= _layer(state, names, f"{names.layer}.{index}", f"layers.{index}")
    return named | _linear(state, names.pooler, "pooler") | _vectors(state, names.classifier, "classifier")


def _positions(state: Mapping[str, Float], names: Names, padding: int) -> Float:
    """Return the positions' rows, with the row of token type 0 in each, which all tokens of a single text have.

    Where positions are counted, the rows before the padding token's are never used.
    """
    rows = state[f"{names.embeddings}.position_embeddings.weight"][max(padding, 0) :]
    types = state.get(f"{names.embeddings}.token_type_embeddings.weight")
    return rows if types is None else rows + types[0]


def _layer(state: Mapping[str, Float], names: Names, theirs: str, ours: str) -> Parameters:
    sources = [f"{theirs}.{getattr(names, part)}" for part in PARTS]
    named: Parameters = {
        f"{ours}.{part}.weight": np.ascontiguousarray(state[f"{source}.weight"].T)
        for part, source in zip(PARTS, sources, strict=True)
    }
    named[f"{ours}.attention.bias"] = np.concatenate([state[f"{source}.bias"] for source in sources])
    return (
        named
        | _linear(state, f"{theirs}.{names.output}", f"{ours}.output")
        | _vectors(state, f"{theirs}.{names.attention_norm}", f"{ours}.attention_norm")
        | _linear(state, f"{theirs}.{names.expand}", f"{ours}.expand")
        | _linear(state, f"{theirs}.{names.contract}", f"{ours}.contract")
        | _vectors(state, f"{theirs}.{names.output_norm}", f"{ours}.output_norm")
    )


def _linear(state: Mapping[str, Float], theirs: str, ours: str) -> Parameters:
    weight = np.ascontiguousarray(state[f"{theirs}.weight"].T)
    return {f"{ours}.weight": weight, f"{ours}.bias": state[f"{theirs}.bias"]}


def _vectors(state: Mapping[str, Float], theirs: str, ours: str) -> Parameters:
    return {f"{ours}.{part}": state[f"{theirs}.{part}"] for part in ("weight", "bias")}


def quantise(named: Parameters, form: Form) -> Weights:
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

    return Weights(
        shape=_shape(named, form),
        epsilon=form.epsilon,
        words=Table.quantise(named["words.weight"]),
        positions=Table.quantise(named["positions.weight"]),
        norm=norm("norm"),
        layers=tuple(layer(f"layers.{index}") for index in range(form.layers)),
        pooler=linear("pooler"),
        classifier=norm("classifier"),
        head=form.head,
        padding=form.padding,
        projection=linear("projection") if "projection.weight" in named else None,
    )


def _shape(named: Parameters, form: Form) -> Shape:
    words, positions = named["words.weight"], named["positions.weight"]
    width, hidden = named["layers.0.expand.weight"].shape
    return Shape(
        layers=form.layers,
        width=width,
        hidden=hidden,
        heads=form.heads,
        vocabulary=len(words),
        positions=len(positions),
        labels=len(named["classifier.bias"]),
        embedding=words.shape[1] if "projection.weight" in named else 0,
    )
