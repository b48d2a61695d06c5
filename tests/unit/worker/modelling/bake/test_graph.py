"""The graph that is served against the scheme in plain NumPy."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from tests.support.encoder import logits
from tests.support.weights import random_weights
from worker.engines.onnx import _options
from worker.engines.proof import BOUND
from worker.engines.tensors import tensors
from worker.engines.weights import Head, Shape, Weights
from worker.modelling.bake.graph import scheme_graph

LENGTHS = range(1, 65)
SHAPES = [Shape(1, 32, 64, 2, 100, 64, 2), Shape(2, 48, 52, 3, 100, 64, 2), Shape(3, 64, 128, 4, 100, 64, 2)]


class Session:
    """The graph of some weights in ONNX Runtime."""

    def __init__(self, weights: Weights) -> None:
        self._arrays = tensors(weights)
        content = scheme_graph(weights).SerializeToString()
        self._session = ort.InferenceSession(content, _options(1, self._arrays, precise=False))

    def logits(self, ids: object) -> NDArray[np.float32]:
        values: NDArray[np.float32]
        (values,) = self._session.run(None, {"input_ids": np.array(ids, np.int32)})
        return values


def softmax(outputs: NDArray[Any]) -> NDArray[np.float64]:
    exponents = np.exp(outputs.astype(np.float64) - outputs.max())
    shares: NDArray[np.float64] = exponents / exponents.sum()
    return shares


def texts(lengths: range, seed: int = 0) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 100, length).tolist() for length in lengths]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_computes_the_scheme_at_every_length(shape: Shape) -> None:
    weights = random_weights(shape)
    session = Session(weights)
    pairs = [(session.logits([ids])[0], logits(weights, ids)) for ids in texts(LENGTHS)]
    apart = np.array([np.abs(actual - expected).max() for actual, expected in pairs])
    # An activation in the middle between two levels may go either way in fp32 and in fp64, and random weights amplify
    # that. All but a few texts have none, and show that the arithmetic is the same.
    assert np.median(apart) < 1e-5
    assert (apart < 1e-3).mean() > 0.75
    assert max(np.abs(softmax(actual) - softmax(expected)).max() for actual, expected in pairs) < BOUND


@pytest.mark.parametrize("head", Head)
@pytest.mark.parametrize(("padding", "embedding"), [(-1, 48), (7, 0), (7, 24)])
def test_every_form_is_that_of_the_scheme(head: Head, padding: int, embedding: int) -> None:
    weights = random_weights(SHAPES[1]._replace(embedding=embedding, labels=300), head=head, padding=padding)
    session = Session(weights)
    given = [[7, *ids, 7, 7] for ids in texts(range(1, 60))]
    apart = np.array([np.abs(session.logits([ids])[0] - logits(weights, ids)).max() for ids in given])
    assert np.median(apart) < 1e-5
    assert (apart < 1e-3).mean() > 0.75


@pytest.mark.parametrize("length", [1, 5, 17, 64])
def test_the_bits_of_a_text_do_not_depend_on_the_others(length: int) -> None:
    session = Session(random_weights(SHAPES[-1]))
    batch = texts(range(length, length + 1)) + [
        text for seed in range(1, 8) for text in texts(range(length, length + 1), seed)
    ]
    together = session.logits(batch)
    for ids, answer in zip(batch, together, strict=True):
        assert session.logits([ids])[0].tobytes() == answer.tobytes()


def test_a_row_of_zeros_is_no_division_by_zero() -> None:
    weights = random_weights(SHAPES[0])
    silent = replace(
        weights, norm=weights.norm._replace(weight=np.zeros(32, np.float32), bias=np.zeros(32, np.float32))
    )
    answer = Session(silent).logits([[1, 2, 3]])[0]
    assert np.isfinite(answer).all()
    assert np.abs(answer - logits(silent, [1, 2, 3])).max() < 1e-3


def test_no_weight_is_in_the_file_and_none_is_found_where_it_is_not(tmp_path: Path) -> None:
    weights = random_weights(SHAPES[-1])
    onnx.save(scheme_graph(weights), str(tmp_path / "model.onnx"))
    inside = onnx.load(str(tmp_path / "model.onnx"), load_external_data=False).graph.initializer
    assert {tensor.name for tensor in inside if tensor.data_location == onnx.TensorProto.EXTERNAL} == {
        *tensors(weights)
    }
    assert sum(tensor.ByteSize() for tensor in inside if tensor.data_location != onnx.TensorProto.EXTERNAL) < 500
    with pytest.raises(Exception, match=r"weights\.bin"):
        ort.InferenceSession(str(tmp_path / "model.onnx"))
