"""The demonstration: it sends real requests, valid and invalid ones, and shows and checks each answer."""

import asyncio
import http.client
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

from client import Outcome, Prediction, SentimentClient
from shared.broker.fleet import ASSUMED, DEFAULT_LABELS
from shared.contract.card import ModelCard
from shared.stack.layout import Layout

_BAD, _GOOD = "negative", "positive"
"""Polarities of labels, which the model's card tells."""
_WIDTH: Final = 24
"""Most characters of labels in the table."""
_RIGHT: Final = "Every answer is right."
_FORMED: Final = (
    "Every answer has the right form. Whether its label fits is yours to judge: this model has labels of its own."
)
_SINGLE: Final = "What a wonderful, warm and funny film."
_BATCH: Final = {
    "An absolute delight from start to finish.": _GOOD,
    "Dull, predictable and far too long.": _BAD,
    "The acting is superb and the story moving.": _GOOD,
    "A complete waste of time and money.": _BAD,
}
_FRESH: Final = {
    "I loved every minute of it.": _GOOD,
    "The worst film that I have ever seen.": _BAD,
}
_ODD: Final = (
    ("empty batch", "POST", "/project/bulk-predict", '{"text": []}', 200),
    ("null field", "POST", "/project/bulk-predict", '{"text": null}', 422),
    ("missing field", "POST", "/project/bulk-predict", '{"some_field": ["a"]}', 422),
    ("invalid JSON", "POST", "/project/bulk-predict", "invalid json[]", 422),
    ("wrong method", "GET", "/project/bulk-predict", None, 405),
    ("unknown route", "GET", "/nowhere", None, 404),
    ("numbers and whitespace", "POST", "/project/bulk-predict", '{"text": ["123", " "]}', 200),
)


@dataclass
class Demo:
    """The requests of the demonstration and the tables of their answers; `exit_code` is 0 only if all are right."""

    stream: TextIO
    wrong: list[str] = field(default_factory=list)
    finished: bool = False
    _seen: set[str] = field(default_factory=set)
    _card: ModelCard = ASSUMED

    @property
    def exit_code(self) -> int:
        """0 if all requests were sent and all answers were right, otherwise 1."""
        return int(bool(self.wrong) or not self.finished)

    async def show(self, layout: Layout) -> None:
        """Send the requests to a healthy stack and print the answers."""
        await asyncio.to_thread(self._run, layout.api, layout.key)

    def _run(self, url: str, key: str) -> None:
        self._print(f"\n  {'text':<46} {'label':<9} {'score':>7}  {'answer':<10} {'ms':>6}")
        with SentimentClient(url, api_key=key) as client:
            _, stats = _send(url, key, "GET", "/project/stats", None)
            self._card = ModelCard.model_validate(stats["model"]["card"])
            client.service()  # so that the connection is not part of a measured time
            self._single(client)
            first = self._batch(client, "a batch", _BATCH, computed=len(_BATCH))
            again = self._batch(client, "the same again", _BATCH, computed=0)
            self._check(first == again, "the same batch got two different answers")
            half = dict(list(_BATCH.items())[: len(_FRESH)]) | _FRESH
            self._batch(client, "half of it cached", half, computed=len(_FRESH))
            self._job(client, _BATCH | _FRESH)
        self._odd_cases(url, key)
        self.finished = True
        good = _RIGHT if self._judged else _FORMED
        self._print("\n  " + ("; ".join(self.wrong) if self.wrong else good) + "\n")

    def _single(self, client: SentimentClient) -> None:
        began = time.perf_counter()
        prediction = client.predict(_SINGLE)
        self._rows("one text", {_SINGLE: _GOOD}, [prediction], began)

    def _batch(self, client: SentimentClient, name: str, texts: dict[str, str], computed: int) -> Sequence[Outcome]:
        began = time.perf_counter()
        batch = client.predict_batch(list(texts))
        self._rows(name, texts, batch.outcomes, began)
        self._check(batch.computed == computed, f"{name}: {batch.computed} texts computed, not {computed}")
        return batch.outcomes

    def _job(self, client: SentimentClient, texts: dict[str, str]) -> None:
        began = time.perf_counter()
        outcomes = list(client.predict_in_jobs(list(texts)))
        self._rows("a job", texts, outcomes, began)

    def _rows(self, name: str, texts: dict[str, str], outcomes: Sequence[Outcome], began: float) -> None:
        ms = (time.perf_counter() - began) * 1000
        self._print(f"  -- {name}")
        for (text, wanted), outcome in zip(texts.items(), outcomes, strict=True):
            if not isinstance(outcome, Prediction):
                self.wrong.append(f"{text!r}: {outcome.detail}")
                continue
            how = "cached" if text in self._seen else "computed"
            self._print(f"  {text:<46} {self._shown(outcome):<9} {outcome.score:>7.4f}  {how:<10} {ms:>6.1f}")
            scores = list(outcome.scores.values())
            meant = not self._judged or self._card.polarity.get(outcome.label) == wanted
            self._check(meant, f"{text!r} is {wanted}")
            self._check(set(outcome.scores) == set(self._card.labels), f"{text!r}: the labels are not the model's")
            self._check(scores == sorted(scores, reverse=True), f"{text!r}: the highest score is not first")
            if self._card.task == "single-label":
                self._check(math.isclose(sum(scores), 1, abs_tol=1e-5), f"{text!r}: scores do not sum to 1")
        self._seen |= set(texts)

    @property
    def _judged(self) -> bool:
        """Whether labels can be right or wrong: those of a model with the default's labels, for English."""
        card = self._card
        return set(card.labels) == set(DEFAULT_LABELS) and (not card.languages or "en" in card.languages)

    def _shown(self, prediction: Prediction) -> str:
        """Return the label, or the labels that apply, cut to the width of the column."""
        several = self._card.task == "multi-label"
        labels = prediction.labels_from(self._card.threshold) if several else (prediction.label,)
        words = ", ".join(labels) or "none"
        return words if len(words) <= _WIDTH else f"{words[: _WIDTH - 1]}…"

    def _odd_cases(self, url: str, key: str) -> None:
        self._print(f"\n  {'case':<26} {'expected':>8} {'got':>5}")
        for name, method, path, body, expected in _ODD:
            status, answer = _send(url, key, method, path, body)
            self._print(f"  {name:<26} {expected:>8} {status:>5}")
            self._check(status == expected, f"{name}: {status} instead of {expected}")
            if name == "empty batch":
                self._check(answer == {"predictions": []}, f"{name}: there are predictions")

    def _check(self, right: bool, complaint: str) -> None:  # noqa: FBT001
        if not right:
            self.wrong.append(complaint)

    def _print(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()


def _send(url: str, key: str, method: str, path: str, body: str | None) -> tuple[int, Any]:
    """Send a request without the client, and return the status and the parsed JSON."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    headers = {"Content-Type": "application/json"} if body else {}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
