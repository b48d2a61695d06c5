"""The client of release 0.1.0, which knows two labels, before this service.

``client-0.1.0.zip`` holds its package; Python imports it from there.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.asking import expected
from tests.support.command import environment
from tests.support.models import write_model
from tests.support.service import Service

CLIENT = Path(__file__).parent / "client-0.1.0.zip"
LIBRARY = """
import json
from client import SentimentClient

with SentimentClient() as client:
    found = [client.predict("one"), *client.predict_batch(["two", "three"]).outcomes]
    found += client.predict_many(["four"])
    found += client.predict_in_jobs(["five", "six"])
    print(json.dumps([[one.label, one.score, dict(one.scores)] for one in found]))
"""
TEXTS = ["one", "two", "three", "four", "five", "six"]

Run = Callable[..., str]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def run(service: Service) -> Run:
    """Run Python with that client, and return its output."""
    service.start_worker()
    return runner(service)


def runner(service: Service) -> Run:
    url = service.start_api().url

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            input=stdin,
            env=environment(PYTHONPATH=str(CLIENT), SENTIMENT_URL=url, HOME=str(service.folder)),
            cwd=service.folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


def test_it_is_that_client(run: Run) -> None:
    assert run("-c", "import client; print(client.__file__)").startswith(str(CLIENT))


def test_the_library(run: Run) -> None:
    answers = [{entry["label"]: entry["score"] for entry in expected(text)} for text in TEXTS]
    assert json.loads(run("-c", LIBRARY)) == [[*next(iter(scores.items())), scores] for scores in answers]


def test_the_command(run: Run) -> None:
    first, second = expected("one")
    label, score = first["label"], first["score"]
    assert run("-m", "client", "predict", "one") == f"{label}\t{score:.4f}\tone\n"
    scores = {label: score, second["label"]: second["score"]}
    document = {"text": "one", "label": label, "score": score, "scores": scores}
    assert json.loads(run("-m", "client", "predict", "--json", "one")) == document
    line = ("-m", "client", "file", "-", "--format", "txt", "--quiet")
    assert run(*line, stdin="one\n") == f"text,label,score\none,{label},{score!r}\n"
    assert json.loads(run("-m", "client", "status", "--json"))["ok"]


def test_more_labels(tmp_path: Path) -> None:
    service = Service(tmp_path)
    try:
        labels = tuple(f"label {number}" for number in range(28))
        service.start_worker(model_dir=str(write_model(tmp_path / "many", 2, labels)))
        first = expected("one", "many", labels)[0]
        line = f"{first['label']}\t{first['score']:.4f}\tone\n"
        assert runner(service)("-m", "client", "predict", "one") == line
    finally:
        service.stop()
