"""The scripts of the registry of workers and of the active model version."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.broker.fleet import FORGET_MS, LIVE_MS, Fleet
from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Argument, Call, Script
from shared.contract.names import Lane

_BEAT, _LEAVE, _FLEET, _ACTIVATE = map(Script, ("beat", "leave", "fleet", "activate"))


class Announcement(NamedTuple):
    """The facts that a model process announces once a second."""

    version: str
    """Its model version."""
    built: int
    """The model's build time (s since 1970)."""
    idle: int
    """Milliseconds since its last real inference."""
    rate: float
    """Estimated tokens that it can process in a second."""
    lanes: str
    """The lanes that it serves, joined by commas."""
    busy: Mapping[Lane, float]
    """Share of the time since the last beat that was spent on each lane's work."""
    labels: tuple[str, ...]
    """Names of its model's outputs in their order, for API processes of releases that know models with two labels only.
    Empty if there are more: the card has them."""
    engine: str
    variant: str
    """The implementation that the engine has chosen; empty where there is but one."""


class Beat(NamedTuple):
    """The reply to `beat`."""

    active: str
    """The active version."""
    card_stored: bool
    """Whether the broker has the card of the process's model."""


def beat(keys: Keyspace, *, process_id: str, announcement: Announcement, ready: bool, card: bytes = b"") -> Call[Beat]:
    """Announce a model process, and change the active version if necessary.

    Args:
        keys: the service's key names.
        process_id: unique in the fleet.
        announcement: the process's model, speed and work.
        ready: whether this is its first beat after loading its model.
        card: the card of its model, to store it; empty if it is stored.
    """
    version, built, idle, rate, lanes, busy, labels, *engine = announcement
    args: list[Argument] = [keys.events, process_id, version, built, idle, rate, int(ready), LIVE_MS, lanes]
    return Call(
        _BEAT,
        [keys.workers, keys.active, keys.models, keys.cards],
        [*args, json.dumps(busy), json.dumps(labels), *engine, card],
        _beat,
    )


def leave(keys: Keyspace, *, process_id: str) -> Call[None]:
    """Remove a model process from the registry when it stops."""
    return Call(_LEAVE, [keys.workers], [keys.events, process_id], _nothing)


def read(keys: Keyspace, *, known: str = "") -> Call[Fleet]:
    """Read the registry, the active version with its card, and the clock; delete entries silent for `FORGET_MS`.

    Args:
        keys: the service's key names.
        known: version whose card the caller has; it is not read again.
    """
    return Call(_FLEET, [keys.workers, keys.active, keys.cards], [FORGET_MS, known], Fleet.parse)


def activate(keys: Keyspace, *, version: str) -> Call[bool]:
    """Make a version the active one, as an operator's command; the reply is false if no live process serves it."""
    return Call(_ACTIVATE, [keys.workers, keys.active, keys.models], [keys.events, version, LIVE_MS], bool)


def _beat(reply: Any) -> Beat:
    active, stored = reply
    return Beat(active.decode(), bool(stored))


def _nothing(reply: object) -> None:  # noqa: ARG001
    return None
