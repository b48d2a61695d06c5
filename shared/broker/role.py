"""The two parts that a Redis server plays."""

from enum import StrEnum


class Role(StrEnum):
    """A server's part; two servers, because eviction is right for a cache and fatal for a queue."""

    BROKER = "broker"
    CACHE = "cache"
