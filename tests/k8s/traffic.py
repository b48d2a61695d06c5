"""Constant traffic beside a row: so many hits and misses a second, whatever becomes of them."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TextIO

import httpx

from tests.charts.tools import ROOT
from tests.k8s.asker import FAMILIAR, TIMEOUT
from tests.k8s.run import require
from tests.k8s.service import API
from tests.k8s.truth import Truth
from tests.support.wire import quantile

_LATEST = 0.25
"""Seconds by which one request in a hundred may be sent late."""


@dataclass(frozen=True)
class Answer:
    """One synchronous request and what came of it."""

    text: str
    hit: bool
    """A text that has been asked before."""
    began: float
    """Due moment, by `time.monotonic`."""
    seconds: float
    status: int
    """0 where there was no answer."""
    body: Any
    retry_after: str = ""
    late: float = 0.0
    """Seconds from when it was due until it was sent."""

    @property
    def ok(self) -> bool:
        """Whether it is a prediction."""
        return self.status == httpx.codes.OK

    @property
    def positive(self) -> float:
        """The score for POSITIVE."""
        return next(float(entry["score"]) for entry in self.body["prediction"] if entry["label"] == "POSITIVE")


class Traffic:
    """Requests and answers so far.

    Args:
        lines: what the process that asks has written; a file, because a pipe that nobody reads would hold it up.
    """

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._begun = ""
        self._answers: list[Answer] = []

    @property
    def answers(self) -> list[Answer]:
        """All of them in the order of their ends; the list only grows."""
        if not self._lines.closed:
            *whole, self._begun = (self._begun + self._lines.read()).split("\n")
            self._answers.extend(Answer(*json.loads(line)) for line in whole)
        return self._answers

    def after(self, moment: float) -> list[Answer]:
        """Return the answers to what was asked after a moment of `time.monotonic`."""
        return [answer for answer in self.answers if answer.began > moment]

    @property
    def failed(self) -> list[Answer]:
        """Everything but predictions."""
        return [answer for answer in self.answers if not answer.ok]

    def describe(self) -> str:
        """Say how much was asked, what failed, and the p99 of what was answered, in ms."""
        kinds = []
        for name, hit in (("hits", True), ("misses", False)):
            found = [answer for answer in self.answers if answer.hit == hit]
            failed = sum(not answer.ok for answer in found)
            kinds.append(f"{len(found)} {name} ({failed} failed, p99 {p99(found) * 1000:.0f} ms)")
        return " and ".join(kinds)

    def require_schedule(self) -> None:
        """Fail if the process that asks has sent more than one request in a hundred late.

        Raises:
            SentimentError: it has, so latencies say nothing about the service.
        """
        late = quantile((answer.late for answer in self.answers), 0.99)
        require(late <= _LATEST, f"the process that asks did not keep its schedule: 1 % were sent {late:.1f} s late")

    def require_all(self) -> None:
        """Fail unless every request was answered with a prediction.

        Raises:
            SentimentError: one was not.
        """
        seen = [f"{answer.status} {answer.body}" for answer in self.failed[:3]]
        require(not seen, f"{len(self.failed)} of {len(self.answers)} requests failed: {'; '.join(seen)}")

    def require_right(self, truth: Truth, *models: int) -> dict[int, int]:
        """Fail unless every prediction is one of these models'; return how many were whose.

        Raises:
            SentimentError: one was not.
        """
        counts = dict.fromkeys((0, 1, 2), 0)
        for answer in self.answers:
            if answer.ok:
                counts[truth.model(answer.text, answer.positive)] += 1
        wrong = sum(number for model, number in counts.items() if model not in (models or (1,)))
        require(not wrong, f"{wrong} wrong answers: {counts}")
        return counts


def p99(answers: list[Answer]) -> float:
    """Return the 99th percentile of the answers' times, in seconds; 0 without any."""
    ordered = sorted(answer.seconds for answer in answers if answer.ok)
    return ordered[math.ceil(len(ordered) * 0.99) - 1] if ordered else 0.0


def prime() -> None:
    """Have every text that counts as a hit answered once, so that both Redis may go.

    Raises:
        httpx.HTTPError: the service does not answer them.
    """
    httpx.post(f"{API}/project/bulk-predict", json={"text": FAMILIAR}, timeout=TIMEOUT).raise_for_status()


@contextmanager
def constant(name: str, hits: float = 20, misses: float = 8) -> Iterator[Traffic]:
    """Ask so many times a second for as long as the context lasts; what is on its way at its end is waited for.

    Raises:
        SentimentError: the process that asks has ended by itself, or was late.
    """
    command = [sys.executable, "-m", "tests.k8s.asker", name, str(hits), str(misses)]
    with (
        NamedTemporaryFile("w") as written,
        Path(written.name).open(encoding="utf-8") as lines,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=written, text=True) as asker,
    ):
        assert asker.stdin is not None
        traffic = Traffic(lines)
        try:
            yield traffic
            require(asker.poll() is None, "the process that asks has ended")
        finally:
            asker.stdin.close()
            asker.wait()
            # What it wrote last, before the file is gone.
            _ = traffic.answers
        traffic.require_schedule()
