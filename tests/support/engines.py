"""An engine of workers in tests, which a test controls through files in a folder.

It is used with ``SENTIMENT_ENGINE=tests.support.engines:steered`` and a folder in ``TEST_ENGINE_DIR``:

- ``calls`` gets one line for each forward pass: the process id and the text's hash;
- while ``hold`` exists, every pass waits; while ``hold-<hash>`` exists, the passes of this text wait;
- ``TEST_ENGINE_SECONDS`` is the shortest duration of a pass;
- ``loads`` gets the process id of each load, which takes ``TEST_ENGINE_LOAD_SECONDS``;
- while ``broken`` exists, every load raises;
- a text that contains ``raise-error`` raises, one that contains ``kill-worker`` kills its process;
- each word is a token, of which the engine reads 512 and two more, and each ``unheard-of`` is an unknown one.

The product is imported only inside functions, because workers of the previous release load this engine too.
"""

import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worker.engines.base import TextScores

_POLL_SECONDS = 0.002
_MOST_WORDS = 512
_TWO_LABELS = ("NEGATIVE", "POSITIVE")
"""Of a manifest that names none."""
BROKEN = "the test says that this engine is broken"
SELF_TEST_PREFIX = "This sentence proves"


def expected_scores(text: str, salt: str = "", labels: int = 2, *, multi: bool = False) -> tuple[float, ...]:
    """Return the scores that the steered engine gives: different for every text, and for every salt.

    Args:
        text: the text.
        salt: the name of the model's folder.
        labels: number of scores.
        multi: whether each is a probability of its own, rather than one of several that add up to 1.
    """
    if labels == 2 and not multi:
        positive = _share(salt + text)
        return 1 - positive, positive
    shares = [_share(f"{number} {salt}{text}") for number in range(labels)]
    return tuple(shares) if multi else tuple(share / sum(shares) for share in shares)


def _share(text: str) -> float:
    """Return a number from 0 to 1 that depends on a text alone."""
    return int.from_bytes(sha256(text.encode()).digest()[:6]) / 2**48


def fingerprint(text: str) -> str:
    """Return the hash of a text in the ``calls`` file."""
    return sha256(text.encode()).hexdigest()[:16]


class SteeredEngine:
    """The engine that this module describes."""

    name = "steered"
    variant = "by-files"

    def __init__(self, folder: Path, model_dir: Path, seconds: float) -> None:
        self._folder = folder
        self._salt = model_dir.name
        manifest = json.loads((model_dir / "manifest.json").read_text())
        self._labels = len(manifest.get("labels", _TWO_LABELS))
        self._multi = manifest.get("task") == "multi-label"
        self._seconds = seconds

    def classify(self, texts: Sequence[str]) -> "list[TextScores]":
        """Return a record for each text."""
        from worker.engines.base import TextScores  # noqa: PLC0415

        return [TextScores(self.scores(text), **_counted(TextScores, text, self._labels)) for text in texts]

    def scores(self, text: str) -> tuple[float, ...]:
        """Return the scores of a text, after the waits and failures that the files and the text demand."""
        if self._seconds:
            time.sleep(self._seconds)
        if not text.startswith(SELF_TEST_PREFIX):
            with (self._folder / "calls").open("a") as calls:
                calls.write(f"{os.getpid()} {fingerprint(text)}\n")
            holds = (self._folder / "hold", self._folder / f"hold-{fingerprint(text)}")
            while any(hold.exists() for hold in holds):
                time.sleep(_POLL_SECONDS)
        if "raise-error" in text:
            raise RuntimeError(f"cannot read {text}")
        if "kill-worker" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return expected_scores(text, self._salt, self._labels, multi=self._multi)


def _counted(record: "type[TextScores]", text: str, labels: int) -> dict[str, Any]:
    """Return those facts of a text that the release of a record has fields for."""
    words = len(text.split())
    facts = {
        "tokens": min(words, _MOST_WORDS) + 2,
        "tokens_before": words + 2,
        "unknown_tokens": text.count("unheard-of"),
        "logits": tuple(words / (1 + number) for number in range(labels)),
    }
    known = {field.name for field in fields(record)}
    return {name: value for name, value in facts.items() if name in known}


def steered(model_dir: Path, threads: int) -> SteeredEngine:
    """Return the engine; the name of the model's folder is its salt, so that two folders give different scores."""
    folder = Path(os.environ["TEST_ENGINE_DIR"])
    folder.mkdir(exist_ok=True)
    with (folder / "loads").open("a") as loads:
        loads.write(f"{os.getpid()}\n")
    time.sleep(float(os.environ.get("TEST_ENGINE_LOAD_SECONDS", "0")))
    if (folder / "broken").exists():
        from shared.contract.errors import ModelError  # noqa: PLC0415

        raise ModelError(BROKEN)
    return SteeredEngine(folder, model_dir, float(os.environ.get("TEST_ENGINE_SECONDS", "0")))
