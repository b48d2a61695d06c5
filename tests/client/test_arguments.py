"""Arguments of every kind that Python users hand over as texts."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from client import Prediction, SentimentClient, TextFailure
from tests.client.both import CLIENTS, predicted
from tests.support.service import Api

FRAME = pd.DataFrame({"id": [1, 2], "text": ["a", "b"]})
NO_LISTS: dict[str, Any] = {
    "a text": "great",
    "an empty text": "",
    "bytes": b"great",
    "a bytearray": bytearray(b"great"),
    "a view of bytes": memoryview(b"great"),
    "a mapping": {"a": "great"},
    "None": None,
    "a number": 5,
    "a truth": True,
    "a number of numpy's": np.float64(1.5),
    "a class": str,
    "a table": FRAME,
    "a matrix": np.array([["a"], ["b"]]),
}
NO_TEXTS: dict[str, Any] = {
    "None": None,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "an int": 5,
    "a truth": True,
    "bytes": b"great",
    "a list": ["a"],
    "a mapping": {"text": "a"},
    "NaN of numpy's": np.float64("nan"),
    "a missing value of pandas": pd.NA,
    "a missing time of pandas": pd.NaT,
    "an object": object(),
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, api: Api) -> Iterator[Any]:
    with CLIENTS[request.param](api.url) as client:
        yield client


@pytest.mark.parametrize("name", ["predict_many", "predict_in_jobs", "predict_batch", "submit"])
@pytest.mark.parametrize("given", NO_LISTS.values(), ids=NO_LISTS)
def test_no_list_of_texts_is_a_type_error_at_once(client: Any, name: str, given: Any) -> None:
    with pytest.raises(TypeError, match=r"was given where texts are expected: (put|give)"):
        getattr(client, name)(given)


@pytest.mark.parametrize("given", NO_TEXTS.values(), ids=NO_TEXTS)
def test_no_text_fails_in_its_place(client: Any, given: Any) -> None:
    for many in (client.predict_many, client.predict_in_jobs):
        outcomes = list(many(["before", given, "after", given]))
        assert outcomes[::2] == [predicted("before"), predicted("after")]
        detail = f"The item is of type {type(given).__name__}, not a text."
        assert outcomes[1::2] == [TextFailure("no-text", detail)] * 2
        assert [outcome.index for outcome in outcomes[1::2]] == [1, 3]


@pytest.mark.parametrize("given", NO_TEXTS.values(), ids=NO_TEXTS)
def test_no_text_in_one_request_is_a_type_error_that_names_its_place(client: Any, given: Any) -> None:
    for name in ("predict_batch", "submit"):
        with pytest.raises(TypeError, match=r"^item 1 is of type \w+, not a text$"):
            getattr(client, name)(["fine", given])
    with pytest.raises(TypeError, match="not a text"):
        client.predict(given)


class Words(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "make",
    [
        tuple,
        iter,
        lambda texts: (text for text in texts),
        lambda texts: dict.fromkeys(texts).keys(),
        lambda texts: dict(enumerate(texts)).values(),
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        pd.Index,
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: map(Words, texts),
    ],
    ids=[
        "tuple",
        "iterator",
        "generator",
        "keys",
        "values",
        "numpy",
        "objects",
        "Series",
        "Index",
        "category",
        "subclass",
    ],
)
def test_whatever_gives_texts_is_a_list_of_texts(client: Any, make: Callable[[list[str]], Any]) -> None:
    texts = ["first", "second", "third"]
    right = [predicted(text) for text in texts]
    assert list(client.predict_many(make(texts))) == right
    assert list(client.predict_in_jobs(make(texts))) == right
    assert list(client.predict_batch(make(texts)).outcomes) == right
    assert client.submit(make(texts)).total == 3


def test_failures_know_their_places_behind_batches_and_offsets(api: Api) -> None:
    texts = [f"place {i}" for i in range(300)]
    texts[0] = texts[200] = texts[299] = "raise-error"
    with SentimentClient(api.url) as client:
        for outcomes in (client.predict_many(texts), client.predict_in_jobs(texts, job_texts=130)):
            failed = [(i, outcome.index) for i, outcome in enumerate(outcomes) if isinstance(outcome, TextFailure)]
            assert failed == [(0, 0), (200, 200), (299, 299)]
        job = client.submit(texts)
        assert client.wait(job.id).status == "succeeded"
        found = [outcome.index for outcome in client.results(job.id, offset=150) if isinstance(outcome, TextFailure)]
        assert found == [200, 299]
        batch = client.predict_batch(["fine", "raise-error"])
        assert isinstance(batch.outcomes[1], TextFailure)
        assert batch.outcomes[1].index == 1


@pytest.mark.parametrize("by_jobs", [False, True])
def test_items_keep_their_ids(client: Any, by_jobs: bool) -> None:
    series = pd.Series(["first", None, "third"], index=["x", "y", "x"])
    found = list(client.predict_items(series.items(), by_jobs=by_jobs))
    assert [key for key, _ in found] == ["x", "y", "x"]
    assert [outcome for _, outcome in found[::2]] == [predicted("first"), predicted("third")]
    assert (found[1][1].code, found[1][1].index) == ("no-text", 1)
    assert list(client.predict_items({7: "first"}, by_jobs=by_jobs)) == [(7, predicted("first"))]
    with pytest.raises(TypeError, match="was given where texts are expected"):
        client.predict_items("great", by_jobs=by_jobs)
    with pytest.raises(TypeError, match="item 1 is no pair of an id and a text"):
        list(client.predict_items([(1, "first"), "ab"], by_jobs=by_jobs))


def test_a_column_of_pandas(api: Api) -> None:
    frame = pd.DataFrame({"text": ["first", None, "third"]}, index=[10, 20, 30])
    with SentimentClient(api.url) as client:
        found = dict(client.predict_items(frame["text"].items()))
    labels = pd.Series({key: outcome.label for key, outcome in found.items() if isinstance(outcome, Prediction)})
    frame["label"] = labels
    assert frame["label"].isna().tolist() == [False, True, False]
    assert frame["label"][30] == predicted("third").label


@pytest.mark.parametrize("key", ["two\nlines", "schlüssel", "nul\0"])
def test_an_idempotency_key_that_cannot_be_sent(client: Any, key: str) -> None:
    with pytest.raises(ValueError, match="the idempotency key holds characters that cannot be sent"):
        client.submit(["a"], idempotency_key=key)
