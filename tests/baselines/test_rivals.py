"""Other serving systems with the weights of the worker's model, as `make bench` starts them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from load.bench.limits.yardstick_folder import yardstick_folder
from load.bench.models.fp32 import fp32_folder
from load.bench.parts.environments import has
from load.bench.paths import PYTHONS
from shared.broker.fleet import DEFAULT_LABELS
from shared.stack.ports import free_port
from tests.support.process import Process
from tests.support.waiting import wait_for
from worker.engines import onnx
from worker.engines.loading import NATIVE, load_engine
from worker.engines.native.library import LIBRARY

MODEL = Path(onnx.__file__).parent.parent / "model"
TEXTS = ["A joy.", "Dull and far too long.", " ", "", "So good that I went twice, and took my mother along."] * 8
START_SECONDS = 120


def needs(environment: str, package: str) -> pytest.MarkDecorator:
    """Skip, in CI too: these packages are no part of the product."""
    python = PYTHONS[environment]
    return pytest.mark.skipif(not has(python, package), reason=f"{package} is not installed in {python}")


@contextmanager
def serving(environment: str, module: str, model: Path, folder: Path, *options: str) -> Iterator[httpx.Client]:
    """Run another system; after SIGTERM none of its processes may be left."""
    port = free_port()
    arguments = ["--port", str(port), "--model-dir", str(model.resolve()), *options]
    process = Process(module, arguments, {}, folder / "log", python=PYTHONS[environment])
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

        def status() -> int | None:
            try:
                return client.get("/health").status_code
            except httpx.TransportError:
                return None

        try:
            wait_for(lambda: status() == httpx.codes.OK or not process.alive, f"{module} to be ready", START_SECONDS)
            assert process.alive, process.output
            yield client
        finally:
            process.terminate()
        assert status() is None


def positive(scores: list[dict[str, Any]]) -> float:
    score: float = next(entry["score"] for entry in scores if entry["label"] == "POSITIVE")
    return score


def expected(engine: str, model: Path) -> list[float]:
    """Return the scores of the texts by an engine of the product."""
    records = load_engine(engine, model, threads=1).classify(TEXTS)
    return [record.scores[DEFAULT_LABELS.index("POSITIVE")] for record in records]


@pytest.mark.parametrize(
    ("module", "engine", "options"),
    [
        pytest.param("load.baselines.litserve_app", "onnx", (), marks=needs("rivals", "litserve"), id="LitServe"),
        pytest.param(
            "load.baselines.litserve_app",
            NATIVE,
            ("--engine", NATIVE),
            marks=[
                needs("rivals", "litserve"),
                pytest.mark.skipif(not LIBRARY.is_file(), reason="the native engine is not compiled"),
            ],
            id="LitServe with the native engine",
        ),
        pytest.param("load.baselines.bentoml_app", "onnx", (), marks=needs("rivals", "bentoml"), id="BentoML"),
    ],
)
def test_every_text_of_a_batch_gets_the_engines_answer(
    module: str, engine: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    running = serving("rivals", module, MODEL, tmp_path, *options)
    with running as client, ThreadPoolExecutor(len(TEXTS)) as pool:
        answers = list(pool.map(lambda text: client.post("/project/predict", json={"text": text}), TEXTS))
        assert [answer.status_code for answer in answers] == [200] * len(TEXTS)
        scores = [positive(answer.json()["prediction"]) for answer in answers]
        assert scores == pytest.approx(expected(engine, MODEL), abs=1e-6)
        assert client.post("/project/predict", json={"text": None}).status_code in {400, 422}


@needs("infinity", "infinity_emb")
@pytest.mark.parametrize("engine", ["optimum", "torch"])
def test_infinity_has_the_weights_of_the_model(engine: str, tmp_path: Path) -> None:
    yardstick = yardstick_folder(MODEL, tmp_path / "yardsticks")
    model = yardstick if engine == "optimum" else fp32_folder(MODEL, tmp_path / "fp32")
    with serving("infinity", "load.baselines.infinity_app", model, tmp_path, "--engine", engine) as client:
        answer = client.post("/project/classify", json={"model": "sentiment", "input": TEXTS})
        assert answer.status_code == 200
        scores = [positive(scores) for scores in answer.json()["data"]]
    if engine == "optimum":
        assert scores == pytest.approx(expected("onnx", yardstick), abs=1e-4)
    else:
        # Apart by the rounding of activations to eight bits.
        assert scores == pytest.approx(expected("onnx", MODEL), abs=0.04)
