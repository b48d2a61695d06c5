"""The article's design, rebuilt: the same answers as the product, by the design's own means."""

import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.predictions import encode_prediction
from shared.stack.ports import free_port
from tests.support.process import Process
from tests.support.redis import RedisServer
from tests.support.tiny import pipeline_scores, save_tiny
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not (os.environ.get("CI") or find_spec("fastapi")), reason="needs the api extra"),
]
TEXTS = ["A joy from start to finish.", "Dull and far too long.", " ", "", "123", "word " * 600]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("article") / "tiny")


@pytest.fixture(scope="module")
def article(model: Path) -> Iterator[httpx.Client]:
    port, redis = free_port(), RedisServer("cache", model / "cache", product=False)
    redis.start()
    options = ["--port", str(port), "--model-dir", str(model), "--redis", redis.url]
    process = Process("load.baselines.article", options, {}, model / "article.log")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        try:
            wait_for(lambda: ready(client) or not process.alive, "the article's API to be ready", 90)
            assert process.alive, process.output
            yield client
        finally:
            process.terminate()
            redis.stop()


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def same(answer: Any, expected: Any) -> bool:
    """Whether labels agree in order, and scores up to the rounding of a batch."""
    assert [entry["label"] for entry in answer] == [entry["label"] for entry in expected]
    return [entry["score"] for entry in answer] == pytest.approx([entry["score"] for entry in expected], abs=1e-6)


def test_answers_are_the_products_and_come_from_redis_the_second_time(article: httpx.Client, model: Path) -> None:
    classify = pipeline_scores(model)
    for text in TEXTS:
        expected = json.loads(encode_prediction(classify(text), DEFAULT_LABELS))
        first, second = (article.post("/project/predict", json={"text": text}) for _ in range(2))
        assert first.status_code == second.status_code == 200
        assert same(first.json()["prediction"], expected)
        assert (first.headers["cache-status"], second.headers["cache-status"]) == ("article; fwd=miss", "article; hit")
        assert second.content == first.content
        assert second.headers["content-type"] == "application/json"


def test_a_batch_is_answered_in_order_and_cached_as_a_whole(article: httpx.Client, model: Path) -> None:
    classify = pipeline_scores(model)
    first, second = (article.post("/project/bulk-predict", json={"text": TEXTS}) for _ in range(2))
    predictions = first.json()["predictions"]
    assert all(
        same(answer, json.loads(encode_prediction(classify(text), DEFAULT_LABELS)))
        for answer, text in zip(predictions, TEXTS, strict=True)
    )
    assert second.headers["cache-status"] == "article; hit"
    other = article.post("/project/bulk-predict", json={"text": TEXTS[:-1]})
    assert other.headers["cache-status"] == "article; fwd=miss"


def test_the_articles_table_of_cases(article: httpx.Client) -> None:
    path = "/project/bulk-predict"
    assert article.post(path, json={"text": []}).json() == {"predictions": []}
    for body in ('{"text": null}', '{"some_field": ["a"]}', "invalid json[]"):
        for _ in range(2):
            answer = article.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 422
            assert answer.headers["cache-status"] == "article; fwd=miss"
    assert article.get(path).status_code == 405
    assert article.post("/nowhere").status_code == 404
    assert len(article.post(path, json={"text": ["123", " "]}).json()["predictions"]) == 2
