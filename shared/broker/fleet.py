"""The registry of workers and the active model version, as read from the broker."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final

from shared.contract.card import ModelCard
from shared.contract.names import LANES, Lane

BEAT_SECONDS: Final = 1.0
"""Seconds between two beats of a worker."""
LIVE_MS: Final = 5_000
"""Milliseconds without a beat after which a worker is not live."""
FORGET_MS: Final = 60_000
"""Milliseconds without a beat after which a worker's entry is deleted."""
PROVEN_MS: Final = 15_000
"""Milliseconds within which a worker must have completed a real inference for `/health` to be good."""
IDLE_TEST_SECONDS: Final = 5.0
"""Seconds without work after which a worker tests itself with a real inference."""

DEFAULT_LABELS: Final = ("NEGATIVE", "POSITIVE")
"""Labels of a model whose manifest names none, and of a worker of a release that does not announce labels."""
ASSUMED: Final = ModelCard(version="", name="", labels=DEFAULT_LABELS)
"""The card that is assumed until a worker has announced one; only its bounds are used."""


@dataclass(frozen=True, slots=True)
class RegisteredProcess:
    """A model process, as announced by its last beat. Times are in ms of the broker's clock."""

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
    """Share of the last second that was spent on each lane's work."""
    labels: tuple[str, ...] = DEFAULT_LABELS
    """Names of its model's outputs in their order; empty if there are not two of them."""
    engine: str = ""
    """Name of its engine; empty where its release does not announce one."""
    variant: str = ""
    """The implementation that the engine has chosen; empty where there is but one."""

    @classmethod
    def parse(cls, name: bytes, entry: bytes) -> "RegisteredProcess":
        """Read an entry of the registry; unknown fields, which a later release may add, are ignored."""
        known = {key: value for key, value in json.loads(entry).items() if key in _FIELDS}
        return cls(id=name.decode(), **known | {"labels": tuple(known.get("labels", DEFAULT_LABELS))})


_FIELDS: Final = frozenset(known.name for known in fields(RegisteredProcess))


@dataclass(frozen=True)
class Fleet:
    """The live workers at one moment of the broker's clock."""

    now: int = 0
    active: str = ""
    """The active model version; empty when no worker has ever been ready."""
    processes: tuple[RegisteredProcess, ...] = field(default=())
    """Live workers only."""
    card: ModelCard | None = None
    """The card of the active version; None if the caller has it, or if the broker does not."""

    def serving(self, lane: Lane) -> tuple[RegisteredProcess, ...]:
        """Return the live workers that serve a lane."""
        return self._serving[lane]

    def rate(self, lane: Lane = Lane.INTERACTIVE) -> float:
        """Return the estimated tokens that a lane's live workers together can process in a second."""
        return self._rates[lane]

    @property
    def announced(self) -> ModelCard | None:
        """Return a card of the labels that workers of the active version announce, for workers that store no card."""
        labels = next((worker.labels for worker in self.processes if worker.version == self.active), ())
        return ModelCard(version=self.active, name="", labels=labels) if labels else None

    @property
    def engines(self) -> dict[tuple[str, str], int]:
        """Return the number of live workers by engine and variant, the most first."""
        return dict(
            Counter((worker.engine, worker.variant) for worker in self.processes if worker.engine).most_common()
        )

    @property
    def proven(self) -> bool:
        """Whether a live interactive worker has completed a real inference within the last `PROVEN_MS`."""
        return any(self.now - worker.inferred <= PROVEN_MS for worker in self.serving(Lane.INTERACTIVE))

    @cached_property
    def _serving(self) -> dict[Lane, tuple[RegisteredProcess, ...]]:
        """Sort the workers by lane, once for each `Fleet`, because every miss reads them several times."""
        return {lane: tuple(w for w in self.processes if lane in w.lanes.split(",")) for lane in LANES}

    @cached_property
    def _rates(self) -> dict[Lane, float]:
        return {lane: sum(worker.rate for worker in workers) for lane, workers in self._serving.items()}

    @classmethod
    def parse(cls, reply: Sequence[Any]) -> "Fleet":
        """Read the reply of `fleet.lua`."""
        now, active, entries, card = reply
        workers = (
            RegisteredProcess.parse(name, entry) for name, entry in zip(entries[::2], entries[1::2], strict=True)
        )
        live = tuple(worker for worker in workers if now - worker.beat <= LIVE_MS)
        return cls(now, active.decode(), live, _card(card))


def _card(data: bytes) -> ModelCard | None:
    """Read a card; None if there is none, or if a later release has written it in another form."""
    try:
        return ModelCard.decode(data) if data else None
    except ValueError:
        return None
