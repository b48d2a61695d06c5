import json
from collections import Counter
from pathlib import Path

import onnx
import pytest

from load.bench.limits.yardstick import write_yardstick
from load.bench.limits.yardstick_folder import yardstick_folder
from load.bench.models.shapes import COMPACT, LARGE, random_weights
from tests.bench.test_models import LENGTHS, SMALL, exact, run, text
from tests.support.scheme import write_old_model, write_scheme_model
from worker.digests import file_digest
from worker.engines.loading import load_engine
from worker.engines.manifest import load_manifest
from worker.engines.weights import Shape


@pytest.mark.timeout(600)  # seconds of work, but much of it
@pytest.mark.parametrize(
    ("shape", "digest"),
    [
        pytest.param(LARGE, "ebb9c6b9d38002a6745a34b8089b19f0d6950bd369ee2900595a66c9818748ad", id="66 M"),
        pytest.param(COMPACT, "816f30e8f28c566aeed3834489911e0273d47fa1d4b9f9afe149ecceec2c1bd0", id="compact"),
    ],
)
def test_the_files_that_results_are_compared_with_stay_the_same(shape: Shape, digest: str, tmp_path: Path) -> None:
    write_yardstick(random_weights(shape), tmp_path / "yardstick.onnx")
    assert file_digest(tmp_path / "yardstick.onnx") == digest, "ratios to the yardstick would mean something else"


def test_its_operators_are_those_that_schema_1_baked(tmp_path: Path) -> None:
    write_yardstick(random_weights(SMALL), tmp_path / "yardstick.onnx")
    graph = onnx.load(tmp_path / "yardstick.onnx").graph
    per_layer = {
        "QAttention": 1,
        "DynamicQuantizeLinear": 4,
        "MatMulInteger": 3,
        "LayerNormalization": 2,
        "BiasGelu": 1,
    }
    head = {"QEmbedLayerNormalization": 1, "Gather": 1, "Relu": 1, "DynamicQuantizeLinear": 2, "MatMulInteger": 2}
    expected = Counter({name: SMALL.layers * count for name, count in per_layer.items()}) + Counter(head)
    assert {
        name: count for name, count in Counter(node.op_type for node in graph.node).items() if name in expected
    } == (expected)


def test_it_computes_the_model(tmp_path: Path) -> None:
    weights = random_weights(SMALL)
    write_yardstick(weights, tmp_path / "yardstick.onnx")
    for ids in map(text, LENGTHS):
        int8, fp32 = run(str(tmp_path / "yardstick.onnx"), ids), run(exact(weights), ids)
        assert int8 == pytest.approx(fp32, abs=0.02)


def test_a_model_has_one_folder_with_its_yardstick(tmp_path: Path) -> None:
    model, made = write_scheme_model(tmp_path / "model"), tmp_path / "made"
    folder = yardstick_folder(model, made)
    graph = (folder / "model.onnx").stat().st_mtime_ns
    assert yardstick_folder(model, made) == folder
    assert (folder / "model.onnx").stat().st_mtime_ns == graph
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["DistilBertForSequenceClassification"]
    assert [path.name for path in made.iterdir()] == [load_manifest(model).version]
    engine = load_engine("auto", folder, threads=1)
    assert (engine.name, engine.variant) == ("onnx", "in-graph")


def test_a_model_of_schema_1_is_its_own_yardstick(tmp_path: Path) -> None:
    model = write_old_model(tmp_path / "model")
    assert yardstick_folder(model, tmp_path / "made") == model
