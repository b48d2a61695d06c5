"""The two roles of a Redis server."""

from enum import StrEnum


class Role(StrEnum):
    """The role of a Redis server. There are two servers, because a cache must evict keys and a queue must not."""

    BROKER = "broker"
    CACHE = "cache"
