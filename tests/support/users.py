"""The users of the product's parts on the Redis of tests, and a check that they may do all that the parts do."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.broker import access
from shared.broker.access import Part
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from tests.support.redis import answering_servers


def user_lines(role: Role, namespace: str) -> str:
    """Return the lines of redis.conf for the users of one service's parts."""
    return "\n".join([*access.user_lines(role, [namespace], "PART-hush"), ""])


def url_of(part: Part, url: str) -> str:
    """Return a server's URL with the user of a part."""
    return str(replace(RedisUrl.parse(url), user=part, password=_password(part)))


def _password(part: Part) -> str:
    return f"{part.upper()}-hush"


def all_denials() -> list[str]:
    """Return the denials to users of the product's parts on all running servers of the test, and forget them."""
    denied = []
    for server in answering_servers():
        with server.client() as redis:
            denied += [f"{server.role}: {denial}" for denial in _denials(redis)]
    return denied


def _denials(redis: Redis) -> list[str]:
    try:
        entries: Iterable[Any] = redis.acl_log()
        redis.acl_log_reset()
    except RedisError:  # a test's own user may not read it, and then no part has a user of its own
        return []
    told = [{name: _text(value) for name, value in entry.items()} for entry in entries]
    return [
        f"{entry['username']} may not {entry['reason']} {entry['object']} ({entry['context']})"
        for entry in told
        if entry["username"] in set(Part)
    ]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
