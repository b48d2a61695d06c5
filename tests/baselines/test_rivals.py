"""LitServe and BentoML on the worker's model file: each text gets the worker's answer, whatever shares its batch."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.predictions import encode_prediction
from shared.stack.ports import free_port
from tests.support.process import Process
from tests.support.waiting import wait_for
from worker.engines import onnx

MODEL = Path(onnx.__file__).parent.parent / "model"
TEXTS = ["A joy.", "Dull and far too long.", " ", "", "So good that I went twice, and took my mother along."] * 8


def needs(package: str) -> pytest.MarkDecorator:
    """Skip, in CI too: these packages are no part of the product."""
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")


@contextmanager
def serving(module: str, folder: Path, health: str = "/health") -> Iterator[httpx.Client]:
    """Run a rival as a benchmark does; after SIGTERM nothing of it may be left."""
    port = free_port()
    options = ["--port", str(port), "--model-dir", str(MODEL), "--workers", "2"]
    process = Process(module, options, {}, folder / "log")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

        def status() -> int | None:
            try:
                return client.get(health).status_code
            except httpx.TransportError:
                return None

        try:
            wait_for(lambda: status() == httpx.codes.OK or not process.alive, f"{module} to be ready", 60)
            assert process.alive, process.output
            yield client
        finally:
            code = process.terminate()
        assert code == 0, process.output
        assert status() is None


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("load.baselines.litserve_app", marks=needs("litserve")),
        pytest.param("load.baselines.bentoml_app", marks=needs("bentoml")),
    ],
)
def test_every_text_of_a_batch_gets_the_workers_answer(module: str, tmp_path: Path) -> None:
    engine = onnx.load(MODEL, 1)
    with serving(module, tmp_path) as client, ThreadPoolExecutor(len(TEXTS)) as pool:
        answers = list(pool.map(lambda text: client.post("/project/predict", json={"text": text}), TEXTS))
        for text, answer in zip(TEXTS, answers, strict=True):
            assert answer.status_code == 200
            assert answer.json() == {
                "prediction": json.loads(encode_prediction(engine.classify([text])[0].scores, DEFAULT_LABELS))
            }
        assert client.post("/project/predict", json={"text": None}).status_code in {400, 422}
