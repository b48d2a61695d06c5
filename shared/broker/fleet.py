"""Who is there: the workers that have announced themselves, and the active model version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final

from shared.contract.names import LANES, Lane

BEAT_SECONDS: Final = 1.0
"""A worker announces itself this often."""
LIVE_MS: Final = 5_000
"""A worker silent for longer is not counted on."""
FORGET_MS: Final = 60_000
"""A worker silent for longer is taken off the list."""
PROVEN_MS: Final = 15_000
"""The path is healthy only if a worker completed a real inference this recently."""
IDLE_TEST_SECONDS: Final = 5.0
"""An idle worker tests itself with a real inference after this long."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One model process, as it last announced itself. Times in ms of the broker's clock."""

    id: str
    version: str
    built: int
    beat: int
    inferred: int
    rate: float
    """Estimated tokens that it can process in a second."""
    lanes: str = ",".join(LANES)
    """The lanes that it serves, joined by commas."""
    busy: Mapping[str, float] = field(default_factory=dict)
    """Which share of the last second went into each lane's work."""
    labels: tuple[str, ...] = ("NEGATIVE", "POSITIVE")
    """Labels by index of the model's outputs; an older build does not announce them, and its models have these."""

    @classmethod
    def parse(cls, name: bytes, entry: bytes) -> "Worker":
        """Read an entry of the registry; what a later build says of itself besides is left out."""
        known = {key: value for key, value in json.loads(entry).items() if key in _FIELDS}
        if "labels" in known:
            known["labels"] = tuple(known["labels"])
        return cls(id=name.decode(), **known)


_FIELDS: Final = frozenset(known.name for known in fields(Worker))


@dataclass(frozen=True)
class Fleet:
    """The registry at one moment of the broker's clock."""

    now: int = 0
    active: str = ""
    """The active model version; empty when no worker has ever been ready."""
    workers: tuple[Worker, ...] = field(default=())
    """Live workers only."""

    def serving(self, lane: Lane) -> tuple[Worker, ...]:
        """Return the live workers that take work from a lane."""
        return self._serving[lane]

    def rate(self, lane: Lane = Lane.INTERACTIVE) -> float:
        """Return the estimated tokens that a lane's live workers together can process in a second."""
        return self._rates[lane]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the active version's labels by index of its outputs; empty while no worker of it lives."""
        return next((worker.labels for worker in self.workers if worker.version == self.active), ())

    @property
    def proven(self) -> bool:
        """Whether a live worker of synchronous requests has completed a real inference recently enough."""
        return any(self.now - worker.inferred <= PROVEN_MS for worker in self.serving(Lane.INTERACTIVE))

    @cached_property
    def _serving(self) -> dict[Lane, tuple[Worker, ...]]:
        """Sorted once for each refresh; every miss asks several times."""
        return {lane: tuple(w for w in self.workers if lane in w.lanes.split(",")) for lane in LANES}

    @cached_property
    def _rates(self) -> dict[Lane, float]:
        return {lane: sum(worker.rate for worker in workers) for lane, workers in self._serving.items()}

    @classmethod
    def parse(cls, reply: Sequence[Any]) -> "Fleet":
        """Read the reply of `fleet.lua`."""
        now, active, entries = reply
        workers = (Worker.parse(name, entry) for name, entry in zip(entries[::2], entries[1::2], strict=True))
        live = tuple(worker for worker in workers if now - worker.beat <= LIVE_MS)
        return cls(now, active.decode(), live)
