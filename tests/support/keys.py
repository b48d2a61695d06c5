"""A check that each key on a Redis is declared, and expires unless it is declared to be permanent."""

import re
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoPermissionError

from shared.broker.keys import KEYS, Key, Keyspace, Lifetime
from shared.broker.role import Role
from tests.support.redis import answering_servers

_SHOWN: Final = 5
_NAMES: Final = [
    (re.compile(r"([a-z0-9-]{1,32}):" + re.escape(key.name).replace(r"\*", "(.+)")), key)
    for key in sorted(KEYS, key=lambda key: len(key.name), reverse=True)
]


def check_every_server() -> None:
    """Assert for all running servers of the test that their keys are declared and expire."""
    for server in answering_servers():
        with server.client() as redis:
            flaws = find_flaws(redis, server.role)
        assert not flaws, f"on the {server.role}: {'; '.join(flaws[:_SHOWN])}"


def find_flaws(redis: Redis, role: Role) -> list[str]:
    """Return a sentence for each key that is not declared, has another type, or lives longer than it should."""
    try:
        names: list[bytes] = list(redis.scan_iter(count=10_000))
    except NoPermissionError:
        return []
    # A job may end between two commands about its keys, so only a flaw that is found twice counts.
    return [flaw for name in names if _flaw(redis, role, name.decode()) and (flaw := _flaw(redis, role, name.decode()))]


def _flaw(redis: Redis, role: Role, name: str) -> str:
    kind: Any = redis.type(name)
    life: Any = redis.pttl(name)
    if kind == b"none":
        return ""
    for pattern, key in _NAMES:
        match = pattern.fullmatch(name)
        if match and (key.type, key.role) == (kind.decode(), role):
            return _life_flaw(redis, key, match, life)
    return f"{name} ({kind.decode()}) is in no table"


def _life_flaw(redis: Redis, key: Key, match: re.Match[str], life: int) -> str:
    endless = life == -1
    if endless == (key.life is Lifetime.PERMANENT) or (
        endless and key.life is Lifetime.JOB and _is_of_open_job(redis, match)
    ):
        return ""
    return f"{match[0]} should be {key.life} and has {'no time to live' if endless else f'{life} ms to live'}"


def _is_of_open_job(redis: Redis, match: re.Match[str]) -> bool:
    keys, job_id = Keyspace(match[1]), match[2]
    if match[0] == keys.idempotency(job_id):
        value: Any = redis.get(match[0])
        job_id = (value or b"").decode().rpartition(" ")[2]
    return redis.zscore(keys.jobs_open, job_id) is not None
