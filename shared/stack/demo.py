"""Real requests with readable answers, each of them checked."""

import asyncio
import http.client
import json
import math
import re
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

from shared.stack.layout import Layout

_SINGLE: Final = "What a wonderful, warm and funny film."
_BATCH: Final = {
    "An absolute delight from start to finish.": "POSITIVE",
    "Dull, predictable and far too long.": "NEGATIVE",
    "The acting is superb and the story moving.": "POSITIVE",
    "A complete waste of time and money.": "NEGATIVE",
}
_FRESH: Final = {
    "I loved every minute of it.": "POSITIVE",
    "The worst film that I have ever seen.": "NEGATIVE",
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
_COUNTS: Final = re.compile(r'detail="hits=(\d+) misses=(\d+)"')


@dataclass
class _Answer:
    status: int
    body: Any
    cached: tuple[int, int]
    """Texts from the cache, and computed."""
    ms: float


@dataclass
class Demo:
    """Sends the requests and prints the tables; `exit_code` is 0 only if every answer was right."""

    stream: TextIO
    wrong: list[str] = field(default_factory=list)
    finished: bool = False
    _seen: set[str] = field(default_factory=set)

    @property
    def exit_code(self) -> int:
        """0 if all was sent and right."""
        return int(bool(self.wrong) or not self.finished)

    async def show(self, layout: Layout) -> None:
        """Run against a healthy stack."""
        with closing(_Client(layout.api)) as client:
            await asyncio.to_thread(self._run, client)

    def _run(self, client: "_Client") -> None:
        self._print(f"\n  {'text':<46} {'label':<9} {'score':>7}  {'answer':<10} {'ms':>6}")
        self._single(client)
        first = self._batch(client, "a batch", _BATCH, hits=0)
        again = self._batch(client, "the same again", _BATCH, hits=len(_BATCH))
        self._check(first == again, "the same batch got two different answers")
        half = dict(list(_BATCH.items())[: len(_FRESH)]) | _FRESH
        self._batch(client, "half of it cached", half, hits=len(_BATCH) - len(_FRESH))
        self._odd_cases(client)
        self.finished = True
        self._print("\n  " + ("; ".join(self.wrong) if self.wrong else "Every answer is right.") + "\n")

    def _single(self, client: "_Client") -> None:
        answer = client.post("/project/predict", {"text": _SINGLE})
        self._check(answer.status == http.client.OK, f"one text: status {answer.status}")
        self._rows("one text", {_SINGLE: "POSITIVE"}, [answer.body.get("prediction")], answer)

    def _batch(self, client: "_Client", name: str, texts: dict[str, str], hits: int) -> Any:
        answer = client.post("/project/bulk-predict", {"text": list(texts)})
        self._check(answer.status == http.client.OK, f"{name}: status {answer.status}")
        predictions = answer.body.get("predictions")
        found = len(texts) if answer.cached == (-1, 0) else answer.cached[0]
        self._check(found == hits, f"{name}: {found} texts from the cache, not {hits}")
        self._rows(name, texts, predictions, answer)
        return predictions

    def _rows(self, name: str, texts: dict[str, str], predictions: list[Any] | None, answer: _Answer) -> None:
        self._print(f"  -- {name}")
        if predictions is None or len(predictions) != len(texts):
            self.wrong.append(f"{name}: not one prediction for each text")
            return
        cached = set(texts) if answer.cached == (-1, 0) else self._seen & set(texts)
        self._seen |= set(texts)
        for (text, label), scores in zip(texts.items(), predictions, strict=True):
            best, other = scores
            how = "cached" if text in cached else "computed"
            self._print(f"  {text:<46} {best['label']:<9} {best['score']:>7.4f}  {how:<10} {answer.ms:>6.1f}")
            self._check(best["label"] == label, f"{text!r} is {label}")
            self._check(best["score"] >= other["score"], f"{text!r}: the higher score is not first")
            self._check(math.isclose(best["score"] + other["score"], 1, abs_tol=1e-6), f"{text!r}: scores sum to 1")

    def _odd_cases(self, client: "_Client") -> None:
        self._print(f"\n  {'case':<26} {'expected':>8} {'got':>5}")
        for name, method, path, body, expected in _ODD:
            answer = client.send(method, path, body)
            self._print(f"  {name:<26} {expected:>8} {answer.status:>5}")
            self._check(answer.status == expected, f"{name}: {answer.status} instead of {expected}")
            if name == "empty batch":
                self._check(answer.body == {"predictions": []}, f"{name}: there are predictions")

    def _check(self, right: bool, complaint: str) -> None:  # noqa: FBT001
        if not right:
            self.wrong.append(complaint)

    def _print(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()


class _Client:
    """A connection to the API."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)

    def close(self) -> None:
        self._connection.close()

    def post(self, path: str, body: dict[str, Any]) -> _Answer:
        return self.send("POST", path, json.dumps(body))

    def send(self, method: str, path: str, body: str | None) -> _Answer:
        began = time.perf_counter()
        self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self._connection.getresponse()
        data = response.read()
        ms = (time.perf_counter() - began) * 1000
        status = response.getheader("Cache-Status", "")
        counts = _COUNTS.search(status)
        cached = (int(counts[1]), int(counts[2])) if counts else (-1, 0)
        return _Answer(response.status, json.loads(data), cached, ms)
