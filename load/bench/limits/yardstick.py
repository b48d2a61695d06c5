"""The yardstick: the graph that releases of schema 1 baked, which the ideal, E and the rivals go on using.

Dynamic int8 with one scale for all activations of a product, weights per channel, ONNX Runtime's fused operators
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md) and the whole last layer. A target that is
a multiple of it stays the same target when the product's own engine changes, so this module must not change with it:
a test holds the digest of its files.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from load.bench.models.fp32 import matrix, rows
from worker.engines.weights import Layer, Linear, Norm, Weights

_OPSET: Final = 17
_CONTRIB: Final = "com.microsoft"
_QUANTISED: Final = ["MatMul", "Attention", "EmbedLayerNormalization"]
"""Every product and both tables; the head's two Gemm become MatMul on the way."""


def write_yardstick(weights: Weights, path: Path) -> None:
    """Write the int8 graph of some weights: ``input_ids`` (int32, [batch, tokens], no padding) to ``logits``."""
    model = _plain(weights)
    # Its advice to run the pre-processor does not concern a graph that was written in its final form.
    add_pre_process_metadata(model)
    quantize_dynamic(
        model,
        path,
        op_types_to_quantize=_QUANTISED,
        per_channel=True,
        weight_type=QuantType.QInt8,
        # Shape inference does not know the contributed operators' outputs.
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


class _Graph:
    """Collects nodes and initialisers; each method adds some and returns the name of the output."""

    def __init__(self, epsilon: float) -> None:
        self._epsilon = epsilon
        self.nodes: list[Any] = []
        self.initialisers: list[Any] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"constant.{len(self.initialisers)}"
        self.initialisers.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, operator: str, inputs: list[str], *more: str, output: str = "", **attributes: Any) -> str:
        name = output or f"{operator}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name, *more], name, **attributes))
        return name

    def product(self, value: str, linear: Linear) -> str:
        return self.add("MatMul", [value, self.constant(matrix(linear))])

    def smoothed(self, value: str, linear: Linear) -> str:
        """Multiply as the feed-forward products were: each input divided by a factor that its row of weights carries.

        A bake found the factors on sample texts as well. Their values change no time, so here the weights give them.
        """
        weights = matrix(linear)
        factors = 1 / np.sqrt(np.sqrt(np.abs(weights).max(axis=1).clip(np.float32(1e-5))))
        divided = self.add("Mul", [value, self.constant(1 / factors)])
        return self.add("MatMul", [divided, self.constant(weights * factors[:, None])])

    def biased(self, product: str, linear: Linear) -> str:
        return self.add("Add", [product, self.constant(linear.bias)])

    def normalised_sum(self, value: str, residual: str, norm: Norm) -> str:
        inputs = [self.add("Add", [value, residual]), *map(self.constant, norm)]
        return self.add("LayerNormalization", inputs, epsilon=self._epsilon)

    def embed(self, weights: Weights) -> str:
        tables = [self.constant(rows(table)) for table in (weights.words, weights.positions)]
        inputs = ["input_ids", "", *tables, "", *map(self.constant, weights.norm)]
        return self.add("EmbedLayerNormalization", inputs, "mask", domain=_CONTRIB, epsilon=self._epsilon)

    def layer(self, hidden: str, layer: Layer, heads: int) -> str:
        inputs = [hidden, self.constant(matrix(layer.attention)), self.constant(layer.attention.bias)]
        mixed = self.add("Attention", inputs, domain=_CONTRIB, num_heads=heads)
        attended = self.biased(self.product(mixed, layer.output), layer.output)
        hidden = self.normalised_sum(attended, hidden, layer.attention_norm)
        expanded = [self.smoothed(hidden, layer.expand), self.constant(layer.expand.bias)]
        active = self.add("BiasGelu", expanded, domain=_CONTRIB)
        contracted = self.biased(self.smoothed(active, layer.contract), layer.contract)
        return self.normalised_sum(contracted, hidden, layer.output_norm)

    def classify(self, hidden: str, weights: Weights) -> None:
        first = self.add("Gather", [hidden, self.constant(np.array(0, np.int64))], axis=1)
        pooler = [self.constant(matrix(weights.pooler).T), self.constant(weights.pooler.bias)]
        pooled = self.add("Relu", [self.add("Gemm", [first, *pooler], transB=1)])
        self.add("Gemm", [pooled, *map(self.constant, weights.classifier)], output="logits", transB=1)


def _plain(weights: Weights) -> onnx.ModelProto:
    """Build the graph in fp32."""
    graph = _Graph(weights.epsilon)
    hidden = graph.embed(weights)
    for layer in weights.layers:
        hidden = graph.layer(hidden, layer, weights.shape.heads)
    graph.classify(hidden, weights)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "distilbert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["batch", "tokens"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", weights.shape.labels])],
            graph.initialisers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)],
        producer_name="sentiment-service",
    )
    model.ir_version = 10
    return model
