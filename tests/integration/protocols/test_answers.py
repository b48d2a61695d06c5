"""Each protocol's answers, computed and from memory, which must be the same."""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.support.asking import expected
from tests.support.engines import expected_scores
from tests.support.service import Api
from tests.support.wire import ask_each, question

LABELS = ("NEGATIVE", "POSITIVE")
CHANGING = {"id", "created"}


def probabilities(text: str) -> list[float]:
    return list(expected_scores(text, "model-one"))


def logits(text: str) -> list[dict[str, Any]]:
    """Return the labels and logits of the steered engine, the highest first."""
    words = float(len(text.split()))
    return [{"label": "NEGATIVE", "score": words}, {"label": "POSITIVE", "score": words / 2}]


def tokens(*texts: str) -> int:
    return sum(len(text.split()) + 2 for text in texts)


def sigmoid(text: str) -> list[dict[str, Any]]:
    return [{**entry, "score": pytest.approx(1 / (1 + math.exp(-entry["score"])))} for entry in logits(text)]


def vllm(*texts: str) -> dict[str, Any]:
    data = [
        {"index": index, "label": expected(text)[0]["label"], "probs": probabilities(text), "num_classes": 2}
        for index, text in enumerate(texts)
    ]
    read = tokens(*texts)
    usage = {"prompt_tokens": read, "total_tokens": read, "completion_tokens": 0, "prompt_tokens_details": None}
    return {"object": "list", "model": "sentiment", "data": data, "usage": usage}


def predictions(*texts: str) -> dict[str, Any]:
    return {"predictions": [{entry["label"]: entry["score"] for entry in expected(text)} for text in texts]}


def infinity(*answers: list[dict[str, Any]], read: int) -> dict[str, Any]:
    return {
        "object": "classify",
        "data": list(answers),
        "model": "sentiment",
        "usage": {"prompt_tokens": read, "total_tokens": read},
    }


Row = tuple[str, Callable[[str, str], Any], Callable[[str, str], Any]]
ROWS: list[Row] = [
    ("hf", lambda a, _: {"inputs": a}, lambda a, _: expected(a)),
    ("hf", lambda a, _: {"inputs": a, "parameters": {}}, lambda a, _: [expected(a)]),
    ("hf", lambda a, _: {"inputs": a, "parameters": {"top_k": 1}}, lambda a, _: [expected(a)[:1]]),
    ("hf", lambda a, _: {"inputs": a, "parameters": {"top_k": 9}}, lambda a, _: [expected(a)]),
    ("hf", lambda a, b: {"inputs": [a, b]}, lambda a, b: [expected(a), expected(b)]),
    ("hf", lambda a, _: {"inputs": [a], "parameters": {"top_k": 1}}, lambda a, _: [expected(a)[:1]]),
    ("hf", lambda a, _: {"inputs": a, "parameters": {"function_to_apply": "none"}}, lambda a, _: [logits(a)]),
    ("hf", lambda a, _: {"inputs": a, "parameters": {"function_to_apply": "softmax"}}, lambda a, _: [expected(a)]),
    ("hf", lambda a, _: {"inputs": a, "parameters": {"function_to_apply": "sigmoid"}}, lambda a, _: [sigmoid(a)]),
    ("hf", lambda a, _: {"inputs": a, "options": {"wait_for_model": True}}, lambda a, _: expected(a)),
    ("hf", lambda _, __: {"inputs": []}, lambda _, __: []),
    ("tei/predict", lambda a, _: {"inputs": a}, lambda a, _: expected(a)),
    ("tei/predict", lambda a, b: {"inputs": [[a], [b]]}, lambda a, b: [expected(a), expected(b)]),
    ("tei/predict", lambda a, _: {"inputs": a, "raw_scores": True}, lambda a, _: logits(a)),
    ("tei/predict", lambda a, _: {"inputs": a, "truncate": False}, lambda a, _: expected(a)),
    ("v1/models/sentiment:predict", lambda a, b: {"instances": [a, b]}, predictions),
    ("v1/models/other/name:predict", lambda a, _: {"inputs": [a]}, lambda a, _: predictions(a)),
    ("v1/models/sentiment:predict", lambda _, __: {"instances": []}, lambda _, __: predictions()),
    ("invocations", lambda a, _: {"inputs": [a]}, lambda a, _: predictions(a)),
    ("vllm/classify", lambda a, _: {"input": a}, lambda a, _: vllm(a)),
    ("vllm/v1/classify", lambda a, b: {"model": "sentiment", "input": [a, b]}, vllm),
    (
        "infinity/classify",
        lambda a, b: {"input": [a, b]},
        lambda a, b: infinity(expected(a), expected(b), read=tokens(a, b)),
    ),
    (
        "infinity/classify",
        lambda a, _: {"input": [a], "raw_scores": True},
        lambda a, _: infinity(logits(a), read=tokens(a)),
    ),
]  # fmt: skip


def plain(document: Any) -> Any:
    """Leave out what is new in each answer."""
    return {k: v for k, v in document.items() if k not in CHANGING} if isinstance(document, dict) else document


@pytest.mark.parametrize(("path", "body", "answer"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_an_answer(spoken: Api, path: str, body: Callable[..., Any], answer: Callable[..., Any]) -> None:
    texts = f"{uuid4()} one", f"{uuid4()} two words"
    sent = question(body(*texts), f"/project/{path}")
    for cached in (False, True):
        (reply,) = asyncio.run(ask_each(spoken.url, [sent]))
        assert reply.status == 200, reply.body
        assert plain(json.loads(reply.body)) == answer(*texts)
        assert reply.hit or not cached
        assert b"content-type: application/json\r\n" in reply.head.lower()


def test_keys_of_an_answer_are_in_the_order_of_the_servers(spoken: Api) -> None:
    def keys(path: str, body: Any) -> list[str]:
        return list(spoken.client.post(f"/project/{path}", json=body).json())

    assert keys("vllm/classify", {"input": "x"}) == ["id", "object", "created", "model", "data", "usage"]
    assert keys("infinity/classify", {"input": ["x"]}) == ["object", "data", "model", "usage", "id", "created"]


@pytest.mark.parametrize("path", ["hf", "tei/predict"])
def test_headers_of_tei(spoken: Api, path: str) -> None:
    text = f"{uuid4()} three words more"
    for _ in range(2):
        headers = spoken.client.post(f"/project/{path}", json={"inputs": text}).headers
        assert headers["x-compute-characters"] == str(len(text))
        assert headers["x-compute-tokens"] == str(tokens(text))
        assert headers["x-compute-type"] == "cpu"
        times = ("x-compute-time", "x-total-time", "x-tokenization-time", "x-queue-time", "x-inference-time")
        assert all(headers[name].isdigit() for name in times)


def test_all_protocols_share_one_cache(spoken: Api) -> None:
    text = str(uuid4())
    assert spoken.predict(text).headers["cache-status"] != "sentiment; hit"
    bodies = {
        "hf": {"inputs": text},
        "tei/predict": {"inputs": text},
        "v1/models/sentiment:predict": {"instances": [text]},
        "vllm/classify": {"input": text},
        "infinity/classify": {"input": [text]},
    }
    for path, body in bodies.items():
        assert spoken.client.post(f"/project/{path}", json=body).headers["cache-status"] == "sentiment; hit"
