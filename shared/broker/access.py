"""The users of both Redis: the keys, channels and commands that each part of the product needs, and nothing else.

``python -m shared.broker.access NAMESPACE …`` prints their lines of an ACL file, with PASSWORD for each password.

Redis 6.2 must read the rules, so they have no selectors, and no keys that may be read only.
"""

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.contract.names import LANES, Lane

ANY: Final = "*"
"""A namespace that stands for every one. With it, users who subscribe to patterns of channels may use every channel."""


class Part(StrEnum):
    """A part with a user of its own; the user has the part's name."""

    API = "api"
    WORKER = "worker"
    FLOWER = "flower"
    KEDA = "keda"


class Rights(NamedTuple):
    """The rights of a user on one server."""

    keys: tuple[str, ...]
    """Patterns of keys."""
    channels: tuple[str, ...]
    """Names or patterns of channels. A subscription to a pattern needs exactly this pattern."""
    commands: str
    """Names of commands, with spaces between."""


_CONNECTION: Final = "ping select"
_SCRIPTS: Final = "eval evalsha time"
_TRANSACTIONS: Final = "multi exec"
_LEDGER: Final = "del hget hmget hset incr decrby lpush pexpire publish zadd zrem"
"""Commands of `_jobs.lua`."""
_API: Final = (
    f"{_CONNECTION} info {_SCRIPTS} {_TRANSACTIONS} {_LEDGER} subscribe expire persist get set incrby "
    "exists hdel hexists hgetall hlen llen wait zcard zcount zrange zrangebyscore zremrangebyscore"
)
_KOMBU: Final = (
    f"{_SCRIPTS} script|load script|exists {_TRANSACTIONS} brpop del exists llen lpush pexpire psubscribe publish "
    "punsubscribe sadd smembers srem zadd zrangebyscore zrem"
)
"""Commands of kombu for messages, bindings and remote control."""
_WORKER: Final = (
    f"{_CONNECTION} info {_LEDGER} {_KOMBU} blmove lmove lrange rpush expire get incrby mget set "
    "hdel hexists hgetall hincrby hkeys hsetnx hvals"
)
_FLOWER: Final = f"{_CONNECTION} info {_KOMBU}"
_KEDA: Final = "ping eval type llen hlen zcard scard"


def rights(role: Role, keys: Keyspace) -> dict[Part, Rights]:
    """Return the rights of each user on one server.

    Args:
        role: the server.
        keys: the key names of the service.
    """
    if role is Role.CACHE:
        return _on_the_cache(keys)
    kombu = ("*",) if keys.prefix == Keyspace(ANY).prefix else (_control(keys), _task_events(keys))
    return {
        Part.API: Rights(
            (*_shared(keys), keys.job_secret),
            (keys.replies("*"), keys.events, keys.job_events),
            _API,
        ),
        Part.WORKER: Rights(
            (*_shared(keys), *_workers(keys), *_celerys(keys)),
            (keys.replies("*"), keys.events, keys.job_events, *kombu),
            _WORKER,
        ),
        Part.FLOWER: Rights((*map(keys.queue, LANES), *_celerys(keys)), kombu, _FLOWER),
        # Its EVAL declares the keys that it counts, and no command that writes is allowed.
        Part.KEDA: Rights(
            (keys.backlog(Lane.INTERACTIVE), keys.job_chunks_waiting, keys.job_chunks_running, keys.jobs_open),
            (),
            _KEDA,
        ),
    }


def _on_the_cache(keys: Keyspace) -> dict[Part, Rights]:
    script = f"{_SCRIPTS} hget hmget hset pexpire"
    return {
        Part.API: Rights((keys.answer("*"), keys.quota("*"), keys.stats), (), f"{_CONNECTION} info mget {script}"),
        Part.WORKER: Rights((keys.answer("*"),), (), f"{_CONNECTION} info mget set"),
    }


def _shared(keys: Keyspace) -> tuple[str, ...]:
    """Return the keys on the broker that API and worker both need."""
    return (
        keys.workers,
        keys.active,
        keys.cards,
        *map(keys.queue, LANES),
        *map(keys.backlog, LANES),
        *map(keys.backlog_tokens, LANES),
        keys.claim("*"),
        keys.tries("*"),
        keys.job("*"),
        keys.idempotency("*"),
        keys.job_bytes,
        keys.jobs_open,
        keys.job_chunks_waiting,
        keys.job_chunks_running,
        keys.job_tickets,
        keys.jobs_resent,
        keys.job_events,  # a channel, which the scripts of jobs receive among their KEYS
    )


def _workers(keys: Keyspace) -> tuple[str, ...]:
    """Return the keys on the broker that only workers need."""
    return keys.models, keys.taken("*"), keys.job_line, keys.jobs_swept


def _celerys(keys: Keyspace) -> tuple[str, ...]:
    """Return the keys of kombu and Celery: bindings, and the queues of events and of remote control."""
    return tuple(keys.prefix + name for name in ("_kombu.binding*", "*.celery.pidbox", "celeryev.*"))


def _control(keys: Keyspace) -> str:
    return f"{keys.prefix}/0.celery.pidbox"


def _task_events(keys: Keyspace) -> str:
    return f"{keys.prefix}/0.celeryev/*"


def user_line(name: str, password: str, allowed: Iterable[Rights]) -> str:
    """Return the line of a user for redis.conf or an ACL file, without the line's end.

    Args:
        name: name of the user.
        password: its password.
        allowed: its rights, for each service that uses the server.
    """
    rules: dict[str, None] = {}
    for one in allowed:
        signed = (("~", one.keys), ("&", one.channels), ("+", one.commands.split()))
        rules |= dict.fromkeys(f"{sign}{value}" for sign, values in signed for value in values)
    return f"user {name} on >{password} resetchannels -@all {' '.join(rules)}"


def user_lines(role: Role, namespaces: Sequence[str], password: str) -> list[str]:
    """Return the lines of all users of a server.

    Args:
        role: the server.
        namespaces: namespaces of the services that use it.
        password: the password of each user; ``PART`` in it stands for the user's name in capitals.
    """
    services = [rights(role, Keyspace(name)) for name in namespaces]
    return [
        user_line(part, password.replace("PART", part.upper()), [own[part] for own in services]) for part in services[0]
    ]


def main(namespaces: Sequence[str]) -> None:
    """Print the users of both servers."""
    for role in Role:
        sys.stdout.write(f"# {role}\n" + "".join(f"{line}\n" for line in user_lines(role, namespaces, "PASSWORD")))


if __name__ == "__main__":
    main(sys.argv[1:] or ["sentiment"])
