"""Errors that leave their process: pickled, copied, raised in a pool's child."""

import copy
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from client import (
    ApiError,
    AsyncSentimentClient,
    ConnectionFailedError,
    JobCanceledError,
    SentimentClient,
    SentimentError,
    UnexpectedAnswerError,
    VersionWarning,
    WaitTimeoutError,
)

PROBLEM = {
    "type": "urn:sentiment:problem:overloaded",
    "title": "Overloaded",
    "detail": "Too much is waiting.",
    "errors": [{"location": "body.text.3", "message": "too long"}],
    "request_id": "abc",
}
OWN: dict[type[SentimentError], tuple[Any, ...]] = {
    SentimentError: ("why",),
    ConnectionFailedError: ("http://x", "refused", "abc"),
    UnexpectedAnswerError: ("http://x", 200, "abc", "9.9.9"),
    JobCanceledError: ("job-1",),
    WaitTimeoutError: ("job-1", 2.5),
}


def classes(base: type[SentimentError] = SentimentError) -> Iterator[type[SentimentError]]:
    yield base
    for kind in base.__subclasses__():
        yield from classes(kind)


def example(kind: type[SentimentError]) -> SentimentError:
    return kind(*((429, PROBLEM, "abc", 7.0) if issubclass(kind, ApiError) else OWN[kind]))


def require_same(error: BaseException, other: SentimentError) -> None:
    assert (type(error), str(error), error.args, vars(error)) == (type(other), str(other), other.args, vars(other))


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_keeps_its_fields(kind: type[SentimentError], protocol: int) -> None:
    error = example(kind)
    error.add_note("while classifying")
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
    require_same(again, error)
    require_same(copy.copy(error), error)
    require_same(copy.deepcopy(error), error)


def test_a_warning_too() -> None:
    assert pickle.loads(pickle.dumps(VersionWarning("other"))).args == ("other",)  # noqa: S301


def fail(name: str) -> None:
    raise next(example(kind) for kind in classes() if kind.__name__ == name)


NAMES = [kind.__name__ for kind in classes()]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_error_of_a_pools_child_arrives(method: str) -> None:
    context = multiprocessing.get_context(method)
    with context.Pool(1) as pool:
        for name in NAMES[:3] if method == "spawn" else NAMES:
            with pytest.raises(SentimentError) as caught:
                pool.apply_async(fail, (name,)).get(60)
            require_same(caught.value, example(type(caught.value)))
            assert type(caught.value).__name__ == name


def test_an_error_of_an_executors_child_arrives() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
        for name in NAMES:
            assert type(executor.submit(fail, name).exception(60)).__name__ == name


@pytest.mark.parametrize("kind", [SentimentClient, AsyncSentimentClient])
def test_a_client_says_why_it_cannot_be_pickled(kind: type) -> None:
    with pytest.raises(TypeError, match="a client cannot be pickled: make one in each process"):
        pickle.dumps(kind("http://127.0.0.1:1"))
