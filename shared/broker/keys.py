"""Names, types and lifetimes of all keys on both Redis, and the digest of a text in keys."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final, Generic, NamedTuple, TypeVar

from shared.broker.role import Role
from shared.contract.names import LANES, PREPROCESSING, Lane
from shared.contract.record import FORM

_SALT = PREPROCESSING.encode()
_Id = TypeVar("_Id", bound=str)


def text_key(version: str, text: str) -> str:
    """Return the text's name in keys: the model version, the form of records, and a digest of the exact text.

    The digest is BLAKE2b with 128 bits, keyed with the name of the preprocessing.

    Raises:
        UnicodeEncodeError: the text has a lone surrogate, which the validation of requests refuses.
    """
    return f"{version}.{FORM}:{blake2b(text.encode(), digest_size=16, key=_SALT).hexdigest()}"


def read_text_key(key: str) -> tuple[str, int]:
    """Return the model version and the form of records in a text's key, which may be of another release.

    Raises:
        ValueError: the key is not a text's.
    """
    version, _, form = key.partition(":")[0].partition(".")
    return version, int(form) if form else 1


class Type(StrEnum):
    """A key's type, as Redis's TYPE replies."""

    STRING = "string"
    HASH = "hash"
    LIST = "list"
    SET = "set"
    ZSET = "zset"


class Lifetime(StrEnum):
    """The lifetime of a key."""

    PERMANENT = "permanent"
    """It never expires; the number of such keys does not grow with traffic."""
    EXPIRING = "expiring"
    """It has a time to live at every moment."""
    JOB = "job"
    """It has no time to live while its job is unfinished, and has one afterwards."""


class Key(NamedTuple):
    """The declaration of a key or of a family of keys, without the namespace's prefix."""

    name: str
    """``*`` stands for an id, a digest or an address."""
    type: Type
    life: Lifetime
    role: Role


class _One:
    """Declares a key or a channel as a descriptor; read from a `Keyspace`, it is the full name.

    Args:
        name: the name without the prefix.
        kind: the key's type; None for a channel.
        life: the key's lifetime.
        role: the server that has the key.
    """

    def __init__(
        self, name: str, kind: Type | None = None, life: Lifetime = Lifetime.PERMANENT, role: Role = Role.BROKER
    ) -> None:
        self._name = name
        self.keys = [Key(name, kind, life, role)] if kind else []

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._attribute = attribute

    def __get__(self, keyspace: "Keyspace", owner: type) -> str:
        name = keyspace.prefix + self._name
        vars(keyspace)[self._attribute] = name  # the next access reads the attribute without calling this function
        return name


class _Family(Generic[_Id]):
    """Declares a family of keys or channels; read from a `Keyspace`, it is a function from an id to the full name.

    The arguments are those of `_One`; ``*`` in the name stands for the id.
    """

    def __init__(
        self, name: str, kind: Type | None = None, life: Lifetime = Lifetime.PERMANENT, role: Role = Role.BROKER
    ) -> None:
        self._before, _, self._after = name.partition("*")
        self.keys = [Key(name, kind, life, role)] if kind else []

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._attribute = attribute

    def __get__(self, keyspace: "Keyspace", owner: type) -> Callable[[_Id], str]:
        before, after = keyspace.prefix + self._before, self._after
        # `__add__` takes half the time of the lambda, and each miss makes keys of claims.
        name: Callable[[_Id], str] = (lambda of: before + of + after) if after else before.__add__
        vars(keyspace)[self._attribute] = name
        return name


class _Lanes(_Family[Lane]):
    """Declares one key for each lane; read from a `Keyspace`, it is a function from a lane to the full name."""

    def __init__(self, name: str, kind: Type) -> None:
        super().__init__(name)
        self._names = {lane: name.replace("*", lane) for lane in LANES}
        self.keys = [Key(name, kind, Lifetime.PERMANENT, Role.BROKER) for name in self._names.values()]

    def __get__(self, keyspace: "Keyspace", owner: type) -> Callable[[Lane], str]:
        name = {lane: keyspace.prefix + name for lane, name in self._names.items()}.__getitem__
        vars(keyspace)[self._attribute] = name
        return name


class Keyspace:
    """The full names of all keys and channels of one service.

    Args:
        namespace: the first part of every name.
    """

    def __init__(self, namespace: str) -> None:
        self.prefix = f"{namespace}:"

    workers = _One("workers", Type.HASH)
    """Worker id → JSON of `shared.broker.fleet.RegisteredProcess`."""
    active = _One("active", Type.HASH)
    """The active model version, its build time and the operator's ceiling."""
    models = _One("models", Type.HASH)
    """Every version that was ever ready → build time."""
    cards = _One("cards", Type.HASH)
    """Version → JSON of its `shared.contract.card.ModelCard`, for versions that have workers or are active."""
    events = _One("events")
    """Channel: the fleet or the active version has changed."""
    replies = _Family[str]("replies:*")
    """Channel: results for one API process."""

    queue = _Lanes("*", Type.LIST)
    """Celery's queue of a lane."""
    backlog = _Lanes("backlog:*", Type.ZSET)
    """Claimed and unfinished texts, ``tokens:key`` by deadline (ms)."""
    backlog_tokens = _Lanes("backlog:*:tokens", Type.STRING)
    """Sum of the estimated tokens in the backlog."""
    claim = _Family[str]("claim:*", Type.HASH, Lifetime.EXPIRING)
    """The claim of a text: its claimer, the waiting processes and, for some seconds, the result; see `claim.lua`."""
    tries = _Family[str]("tries:*", Type.STRING, Lifetime.EXPIRING)
    """Number of a text's tries, by the text's key."""
    taken = _Family[str]("taken:*", Type.LIST, Lifetime.EXPIRING)
    """The message that a model process has taken from the queue itself, by the id of the one that Celery delivered."""

    job = _Family[str]("job:*", Type.HASH, Lifetime.JOB)
    """A job's record; `shared/broker/scripts/_jobs.lua`."""
    job_texts = _Family[str]("job:*:texts", Type.HASH, Lifetime.JOB)
    """Chunk number → the chunk's texts (`jobs.Chunk`), deleted once answered; expiring until the job is committed."""
    job_results = _Family[str]("job:*:results", Type.HASH, Lifetime.JOB)
    """Index of a text → its prediction or error as JSON; ``f`` with the index → the head of its record, if any."""
    idempotency = _Family[str]("jobs:idempotency:*", Type.STRING, Lifetime.JOB)
    """The payload's digest and the job that an idempotency key has made."""
    job_events = _One("jobs:events")
    """Channel: the id of a job whose state or progress has changed."""
    job_secret = _One("jobs:secret", Type.STRING)
    """The secret that signs job ids if no setting has one."""
    job_bytes = _One("jobs:bytes", Type.STRING)
    """Sum of the weights of all texts of unfinished jobs (bytes), see `shared.contract.jobs`."""
    jobs_open = _One("jobs:open", Type.ZSET)
    """Unfinished jobs by creation (ms)."""
    job_chunks_waiting = _One("jobs:waiting", Type.ZSET)
    """Chunks with a ticket in the queue, by the ticket's time (µs)."""
    job_chunks_running = _One("jobs:running", Type.HASH)
    """Chunk → JSON of its ticket, its process and the end of its lease (ms)."""
    job_tickets = _One("jobs:tickets", Type.STRING)
    """Number of tickets ever sent."""
    job_line = _One("jobs:line", Type.STRING)
    """Time of the latest ticket that a worker has begun (µs)."""
    jobs_swept = _One("jobs:swept", Type.STRING, Lifetime.EXPIRING)
    """Exists from the last sweep until the next sweep may begin."""
    jobs_resent = _One("jobs:resent", Type.HASH)
    """Numbers of tickets sent again: for chunks whose process died, and for lost tickets."""

    answer = _Family[str]("answer:*", Type.STRING, Lifetime.EXPIRING, Role.CACHE)
    """The record of one text's answer, see `shared.contract.record`."""
    quota = _Family[str]("quota:*", Type.HASH, Lifetime.EXPIRING, Role.CACHE)
    """The token bucket of a client's quota."""
    stats = _One("stats:1", Type.HASH, Lifetime.EXPIRING, Role.CACHE)
    """The ring of counts of all API processes; the number in the name is the version of its layout."""


def _declared() -> Iterator[Key]:
    declaration: Any
    for declaration in vars(Keyspace).values():
        yield from getattr(declaration, "keys", ())


_CELERYS: Final = (
    Key("_kombu.binding.*", Type.SET, Lifetime.PERMANENT, Role.BROKER),
    Key("_kombu.binding_permanent.*", Type.SET, Lifetime.PERMANENT, Role.BROKER),
    Key("_kombu.binding_deadlines", Type.ZSET, Lifetime.PERMANENT, Role.BROKER),
    Key("*.reply.celery.pidbox", Type.LIST, Lifetime.PERMANENT, Role.BROKER),
)
"""Keys that kombu and Celery create with the same prefix: the bindings of exchanges, and replies to Flower."""

KEYS: Final = (*_declared(), *_CELERYS)
"""Every key on both servers."""
PERMANENT: Final = tuple(key for key in KEYS if key.life is Lifetime.PERMANENT)
"""The keys that never expire."""
