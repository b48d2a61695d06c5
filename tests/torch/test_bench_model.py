"""The benchmark's models in transformers: fp32 weights that are written without torch are those of the graph."""

from pathlib import Path

import pytest

from load.bench.models.folder import write_model
from load.bench.models.shapes import random_weights
from tests.bench.test_models import exact
from tests.support.scheme import TINY
from worker.engines.loading import load_engine
from worker.engines.onnx import OnnxEngine

pytestmark = pytest.mark.torch
TEXTS = ["A joy from start to finish.", "Dull and far too long.", "", "word " * 600]


def test_transformers_computes_the_scores_of_the_fp32_graph(tmp_path: Path) -> None:
    weights = random_weights(TINY)
    write_model(tmp_path / "model", weights, "random")
    (tmp_path / "model" / "fp32.onnx").write_bytes(exact(weights))
    graph = OnnxEngine(tmp_path / "model", 1, model_file="fp32.onnx")
    pipeline = load_engine("torch", tmp_path / "model", threads=1)
    for expected, record in zip(graph.classify(TEXTS), pipeline.classify(TEXTS), strict=True):
        assert record.scores == pytest.approx(expected.scores, abs=1e-5)
        assert record.tokens == expected.tokens
