"""DistilBERT as an ONNX graph, built from its weights.

The architecture is fixed, so the graph is written down rather than traced: ONNX Runtime's fused operators
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md) stand where a traced export has a dozen
small ones a layer, and no padding mask is needed because every text runs alone. Parity against transformers is the
proof.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from worker.modelling.bake.smooth import Factors

Weights = Mapping[str, NDArray[np.float32]]

_OPSET: Final = 17
_CONTRIB: Final = "com.microsoft"
_EPSILON: Final = 1e-12
"""Of every LayerNorm in DistilBERT."""


class _Graph:
    """Collects nodes and initialisers; each method adds a node and returns the name of its output."""

    def __init__(self, weights: Weights, factors: Factors) -> None:
        self.weights = weights
        self._factors = factors
        self.nodes: list[Any] = []
        self.initialisers: list[Any] = []

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.initialisers.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, operator: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], name, domain=domain, **attributes))
        return name

    def product(self, value: str, prefix: str) -> str:
        """Multiply by a weight; where there are factors, both sides carry them."""
        weight = self.weights[f"{prefix}.weight"].T
        if (factors := self._factors.get(prefix)) is not None:
            value = self.add("Mul", [value, self.constant(f"{prefix}.factors", 1 / factors)], f"{prefix}.input")
            weight = weight * factors[:, None]
        return self.add("MatMul", [value, self.constant(f"{prefix}.weight", weight)], f"{prefix}.product")

    def linear(self, value: str, prefix: str) -> str:
        product = self.product(value, prefix)
        return self.add("Add", [product, self.weight(f"{prefix}.bias")], f"{prefix}.output")

    def normalised_sum(self, value: str, residual: str, prefix: str) -> str:
        total = self.add("Add", [value, residual], f"{prefix}.sum")
        scale, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.add("LayerNormalization", [total, scale, bias], f"{prefix}.output", epsilon=_EPSILON)


def build_graph(weights: Weights, layers: int, heads: int, factors: Factors | None = None) -> onnx.ModelProto:
    """Build the fp32 graph: ``input_ids`` (int32, [batch, tokens], no padding) to ``logits`` ([batch, 2]).

    Args:
        weights: the state dict of a ``DistilBertForSequenceClassification``.
        layers: its number of transformer layers.
        heads: its number of attention heads.
        factors: see `worker.modelling.bake.smooth`; they change nothing but rounding.

    Raises:
        KeyError: a weight is missing.
    """
    graph = _Graph(weights, factors or {})
    hidden = _embed(graph)
    for layer in range(layers):
        hidden = _layer(graph, hidden, f"distilbert.transformer.layer.{layer}", heads)
    _classify(graph, hidden)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "distilbert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["batch", "tokens"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])],
            graph.initialisers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)],
        producer_name="sentiment-service",
    )
    model.ir_version = 10
    return model


def _embed(graph: _Graph) -> str:
    prefix = "distilbert.embeddings"
    inputs = [
        "input_ids",
        "",
        graph.weight(f"{prefix}.word_embeddings.weight"),
        graph.weight(f"{prefix}.position_embeddings.weight"),
        "",
        graph.weight(f"{prefix}.LayerNorm.weight"),
        graph.weight(f"{prefix}.LayerNorm.bias"),
    ]
    graph.nodes.append(
        helper.make_node(
            "EmbedLayerNormalization",
            inputs,
            [f"{prefix}.output", f"{prefix}.mask"],
            f"{prefix}.output",
            domain=_CONTRIB,
            epsilon=_EPSILON,
        )
    )
    return f"{prefix}.output"


def _layer(graph: _Graph, hidden: str, prefix: str, heads: int) -> str:
    parts = [f"{prefix}.attention.{name}_lin" for name in ("q", "k", "v")]
    joined = np.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1)
    biases = np.concatenate([graph.weights[f"{part}.bias"] for part in parts])
    attention = graph.add(
        "Attention",
        [
            hidden,
            graph.constant(f"{prefix}.attention.qkv.weight", joined),
            graph.constant(f"{prefix}.attention.qkv.bias", biases),
        ],
        f"{prefix}.attention.output",
        domain=_CONTRIB,
        num_heads=heads,
    )
    attended = graph.linear(attention, f"{prefix}.attention.out_lin")
    hidden = graph.normalised_sum(attended, hidden, f"{prefix}.sa_layer_norm")
    inner = graph.product(hidden, f"{prefix}.ffn.lin1")
    active = graph.add(
        "BiasGelu", [inner, graph.weight(f"{prefix}.ffn.lin1.bias")], f"{prefix}.ffn.active", domain=_CONTRIB
    )
    return graph.normalised_sum(graph.linear(active, f"{prefix}.ffn.lin2"), hidden, f"{prefix}.output_layer_norm")


def _classify(graph: _Graph, hidden: str) -> None:
    """Classify the first token, [CLS]."""
    index = graph.constant("first", np.array(0, dtype=np.int64))
    first = graph.add("Gather", [hidden, index], "cls", axis=1)
    for prefix, value, output in (("pre_classifier", first, "pooled"), ("classifier", "active", "logits")):
        graph.add("Gemm", [value, graph.weight(f"{prefix}.weight"), graph.weight(f"{prefix}.bias")], output, transB=1)
        if output == "pooled":
            graph.add("Relu", ["pooled"], "active")
