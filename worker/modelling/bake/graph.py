"""Encoders of the BERT family as an ONNX graph, in fp32 and in the numeric scheme that is served.

The architecture is fixed, so the graph is written down rather than traced, with ONNX Runtime's fused operators
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md). No padding mask is needed, because every
text runs alone. Both graphs have the same structure: that of fp32 is held against transformers, and so proves the
other's. Only the products and the look-ups of tables differ.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from worker.engines.manifest import WEIGHTS_FILE
from worker.engines.tensors import PARTS, tensors
from worker.engines.weights import Form, Head, Weights
from worker.modelling.bake.parameters import Parameters

CONTRIB: Final = "com.microsoft"
_OPSET: Final = 17

Operand = TypeVar("Operand")
"""A value as the products of a graph take it."""


class _Graph(ABC, Generic[Operand]):
    """Collects nodes and initialisers; each method that adds one returns the name of its output."""

    def __init__(self, values: Mapping[str, NDArray[Any]], epsilon: float) -> None:
        self.values = values
        self._epsilon = epsilon
        self.nodes: list[Any] = []
        self.initialisers: dict[str, Any] = {}

    def add(self, operator: str, inputs: list[str], domain: str = "", output: str = "", **attributes: Any) -> str:
        output = output or f"{operator}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, domain=domain, **attributes))
        return output

    def constant(self, name: str, value: Any) -> str:
        self.initialisers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def numbers(self, *values: int) -> str:
        return self.constant("numbers." + ".".join(map(str, values)), np.array(values, np.int64))

    @abstractmethod
    def parameter(self, name: str) -> str:
        """Declare one of the values as an initialiser."""

    @abstractmethod
    def operand(self, value: str) -> Operand:
        """Prepare a value for one or several products."""

    @abstractmethod
    def product(self, operand: Operand, name: str) -> str:
        """Multiply by the matrix of this name."""

    @abstractmethod
    def rows(self, table: str, pick: Callable[[str], str]) -> str:
        """Look rows of a table up; `pick` takes them from one array."""

    def linear(self, value: str, name: str) -> str:
        return self.add("Add", [self.product(self.operand(value), name), self.parameter(f"{name}.bias")])

    def norm(self, value: str, name: str) -> str:
        inputs = [value, self.parameter(f"{name}.weight"), self.parameter(f"{name}.bias")]
        return self.add("LayerNormalization", inputs, epsilon=self._epsilon)

    def first_token(self, value: str) -> str:
        return self.add("Slice", [value, self.numbers(0), self.numbers(1), self.numbers(1)])


class _PlainGraph(_Graph[str]):
    """fp32, with its parameters inside."""

    def parameter(self, name: str) -> str:
        return self.constant(name, np.ascontiguousarray(self.values[name]))

    def operand(self, value: str) -> str:
        return value

    def product(self, operand: str, name: str) -> str:
        return self.add("MatMul", [operand, self.parameter(f"{name}.weight")])

    def rows(self, table: str, pick: Callable[[str], str]) -> str:
        return pick(self.parameter(f"{table}.weight"))


class _SchemeGraph(_Graph[tuple[str, str]]):
    """int8 products with a scale for each column of weights and each token; its parameters stay in the weights' file.

    An operand is a pair: bytes, and the largest magnitude of each token.
    """

    def parameter(self, name: str) -> str:
        value = self.values[name]
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        declared = TensorProto(name=name, data_type=kind, dims=value.shape, data_location=TensorProto.EXTERNAL)
        # The file keeps matrices in panels, so no reader but the engine finds them there: no such path exists.
        declared.external_data.add(key="location", value=f"{WEIGHTS_FILE}:{name}")
        self.initialisers[name] = declared
        return name

    def operand(self, value: str) -> tuple[str, str]:
        largest = self.add("ReduceMax", [self.add("Abs", [value])], axes=[-1], keepdims=1)
        # A row of zeros must not be divided by zero.
        largest = self.add("Max", [largest, self.constant("smallest", np.float32(1e-30))])
        parts = self.add("Div", [value, largest])
        return self.add("QuantizeLinear", [parts, self._level(), self._zero()]), largest

    def product(self, operand: tuple[str, str], name: str) -> str:
        levels, largest = operand
        weight, scales = self.parameter(f"{name}.weight"), self.parameter(f"{name}.scales")
        inputs = [levels, weight, self._level(), scales, self._zero()]
        return self.add("Mul", [self.add("MatMulIntegerToFloat", inputs, CONTRIB), largest])

    def rows(self, table: str, pick: Callable[[str], str]) -> str:
        levels = self.add("Cast", [pick(self.parameter(f"{table}.weight"))], to=TensorProto.FLOAT)
        return self.add("Mul", [levels, pick(self.parameter(f"{table}.scales"))])

    def _level(self) -> str:
        return self.constant("level", np.float32(1 / 127))

    def _zero(self) -> str:
        return self.constant("zero", np.uint8(128))


def plain_graph(named: Parameters, form: Form) -> onnx.ModelProto:
    """Build the fp32 graph: ``input_ids`` (int32, [batch, tokens], no padding) to ``logits`` ([batch, labels])."""
    return _build(_PlainGraph(named, form.epsilon), form)


def scheme_graph(weights: Weights) -> onnx.ModelProto:
    """Build the graph that is served, of the same inputs and outputs; its initialisers come from the weights' file."""
    return _build(_SchemeGraph(tensors(weights), weights.epsilon), weights.form)


def _build(graph: _Graph[Any], form: Form) -> onnx.ModelProto:
    hidden = _embed(graph, form.padding)
    for index in range(form.layers):
        hidden = _layer(graph, hidden, f"layers.{index}", form.heads, last=index == form.layers - 1)
    _classify(graph, hidden, form.head)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["batch", "tokens"])],
            [
                helper.make_tensor_value_info(
                    "logits", TensorProto.FLOAT, ["batch", len(graph.values["classifier.bias"])]
                )
            ],
            list(graph.initialisers.values()),
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, 1)],
        producer_name="sentiment-service",
    )
    model.ir_version = 10
    return model


def _embed(graph: _Graph[Any], padding: int) -> str:
    words = graph.rows("words", lambda array: graph.add("Gather", [array, "input_ids"]))
    places = graph.rows("positions", _first_rows(graph) if padding < 0 else _counted_rows(graph, padding))
    hidden = graph.norm(graph.add("Add", [words, places]), "norm")
    return graph.linear(hidden, "projection") if "projection.bias" in graph.values else hidden


def _first_rows(graph: _Graph[Any]) -> Callable[[str], str]:
    length = graph.add("Shape", ["input_ids"], start=1, end=2)
    return lambda array: graph.add("Slice", [array, graph.numbers(0), length])


def _counted_rows(graph: _Graph[Any], padding: int) -> Callable[[str], str]:
    """Take row 0 for padding tokens, which are part of the text, and the next row for each other token."""
    other = graph.add("Equal", ["input_ids", graph.constant("padding", np.int32(padding))])
    counted = graph.add("Cast", [graph.add("Not", [other])], to=TensorProto.INT32)
    places = graph.add("Mul", [graph.add("CumSum", [counted, graph.constant("axis", np.int32(1))]), counted])
    return lambda array: graph.add("Gather", [array, places])


def _layer(graph: _Graph[Any], hidden: str, name: str, heads: int, *, last: bool) -> str:
    """Add one layer; of the last, only [CLS] is read, so only keys and values are computed for the other tokens."""
    operand = graph.operand(hidden)
    residual = graph.first_token(hidden) if last else hidden
    asking = graph.operand(residual) if last else operand
    parts = [graph.product(asking if part == "query" else operand, f"{name}.{part}") for part in PARTS]
    bias = graph.parameter(f"{name}.attention.bias")
    mixed = graph.add("MultiHeadAttention", [*parts, bias], CONTRIB, num_heads=heads)
    attended = graph.add("Add", [graph.linear(mixed, f"{name}.output"), residual])
    hidden = graph.norm(attended, f"{name}.attention_norm")
    expanded = graph.product(graph.operand(hidden), f"{name}.expand")
    active = graph.add("BiasGelu", [expanded, graph.parameter(f"{name}.expand.bias")], CONTRIB)
    return graph.norm(graph.add("Add", [graph.linear(active, f"{name}.contract"), hidden]), f"{name}.output_norm")


_HEADS: Final = {Head.RELU: ("Relu", ""), Head.TANH: ("Tanh", ""), Head.GELU: ("Gelu", CONTRIB)}
"""Operator and domain of each function."""


def _classify(graph: _Graph[Any], hidden: str, head: Head) -> None:
    operator, domain = _HEADS[head]
    pooled = graph.add(operator, [graph.linear(graph.add("Squeeze", [hidden, graph.numbers(1)]), "pooler")], domain)
    inputs = [pooled, graph.parameter("classifier.weight"), graph.parameter("classifier.bias")]
    graph.add("Gemm", inputs, output="logits", transB=1)
