"""The state of a Redis server by its INFO, and the settings that are unsafe for its role."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.broker.cluster import REASON
from shared.broker.role import Role

logger = logging.getLogger(__name__)

_NOEVICTION: Final = "noeviction"
_POLICIES: Final = {Role.BROKER: _NOEVICTION, Role.CACHE: "allkeys-lfu"}


@dataclass(frozen=True)
class RedisInfo:
    """The fields of INFO that the product uses. Memory in bytes; counters since the server's start."""

    memory: int
    memory_limit: int
    """0 if there is no limit."""
    policy: str
    """Redis's `maxmemory-policy`: which keys are deleted when the limit is reached."""
    clients: int
    commands: int
    evicted: int
    hits: int
    misses: int
    append_only: bool
    """Whether writes go to an append-only file."""
    write_ok: bool
    """Whether the last write to that file succeeded; true if there is no file."""
    replica: bool
    uptime: int
    """Seconds since the server's start."""
    rate: int
    """Commands per second, as the server estimates it."""
    keys: int
    cluster: bool
    """Whether the server is part of a Redis Cluster."""
    policy_told: bool
    """Whether INFO tells `maxmemory-policy`, which some managed servers hide."""

    @classmethod
    def parse(cls, info: Mapping[str, Any]) -> "RedisInfo":
        """Read the reply of INFO as redis-py returns it; a missing number counts as 0, a missing status as good."""
        return cls(
            memory=int(info.get("used_memory", 0)),
            memory_limit=int(info.get("maxmemory", 0)),
            policy=str(info.get("maxmemory_policy", _NOEVICTION)),
            clients=int(info.get("connected_clients", 0)),
            commands=int(info.get("total_commands_processed", 0)),
            evicted=int(info.get("evicted_keys", 0)),
            hits=int(info.get("keyspace_hits", 0)),
            misses=int(info.get("keyspace_misses", 0)),
            append_only=bool(info.get("aof_enabled", 0)),
            cluster=bool(info.get("cluster_enabled", 0)),
            policy_told="maxmemory_policy" in info,
            write_ok=info.get("aof_last_write_status", "ok") == "ok",
            replica=info.get("role", "master") != "master",
            uptime=int(info.get("uptime_in_seconds", 0)),
            rate=int(info.get("instantaneous_ops_per_sec", 0)),
            keys=sum(int(value["keys"]) for name, value in info.items() if _is_database(name, value)),
        )

    @property
    def evicts(self) -> bool:
        """Whether the server deletes keys when its memory is full."""
        return self.policy != _NOEVICTION


def _is_database(name: str, value: object) -> bool:
    return name.startswith("db") and isinstance(value, dict)


def find_flaws(role: Role, info: RedisInfo) -> list[str]:
    """Return a sentence for each setting of a server that is unsafe for its role, with the consequence."""
    flaws = []
    if info.cluster:
        flaws.append(REASON)
    if not info.policy_told:
        flaws.append(f"its maxmemory-policy cannot be checked, because INFO does not tell it; set {_POLICIES[role]}")
    if info.replica:
        flaws.append(f"it is a replica and takes no writes: name the primary in SENTIMENT_{role.upper()}_URL")
    return flaws + (_broker_flaws(info) if role is Role.BROKER else _cache_flaws(info))


def warn(role: Role, info: RedisInfo | None) -> None:
    """Log the flaws of a server; None stands for one that does not permit the command INFO."""
    if info is None:
        logger.warning("the settings of the %s cannot be checked: the command INFO is not permitted", role)
        return
    for flaw in find_flaws(role, info):
        logger.warning("%s is not safe: %s", role, flaw)


def _broker_flaws(info: RedisInfo) -> list[str]:
    flaws = []
    if info.memory_limit and info.evicts:
        flaws.append(
            f"its maxmemory-policy is {info.policy}: once {_megabytes(info.memory_limit)} are full it throws away "
            "work that was accepted; set noeviction"
        )
    if not info.append_only:
        flaws.append("it keeps no append-only file: jobs that were accepted are lost when it ends; set appendonly yes")
    if not info.write_ok:
        flaws.append("its last write to the append-only file failed, so it accepts no work: is its disk full?")
    return flaws


def _cache_flaws(info: RedisInfo) -> list[str]:
    if not info.memory_limit or info.evicts:
        return []
    full = f"once {_megabytes(info.memory_limit)} are full it keeps no new answer"
    return [f"its maxmemory-policy is noeviction: {full}; set allkeys-lfu"]


def _megabytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
