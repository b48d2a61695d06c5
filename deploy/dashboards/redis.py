"""The dashboard of both Redis, with figures that the API processes read from INFO."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.dashboards.board import SERVICE, add, board, reported, reported_rate, total
from deploy.dashboards.panels import BYTES, COUNT, GREEN, RATE, RED, SECONDS, SHARE, YELLOW, Query, lines, number

_PART: Final = f"{SERVICE}, part"
_EACH: Final = "{{service}} {{part}}"
_BROKER: Final = 'part="broker"'
_CACHE: Final = 'part="cache"'


def redis() -> Dashboard:
    """Return the dashboard of broker and cache."""
    dashboard = board(
        "redis",
        "Sentiment: Redis",
        "The broker (queues, claims, jobs) must not evict keys and must write to disk; the cache is the reverse.",
    )
    add(dashboard, "At a glance", [_answers(), *_safe(), _uptime()])
    add(dashboard, "Memory", _memory())
    add(dashboard, "Work", _work())
    return dashboard


def _answers() -> stat.Panel:
    return number(
        "Answers",
        "1 while at least one API process gets an answer from this Redis.",
        COUNT,
        Query(reported("sentiment_up", by=_PART), _EACH),
        below=RED,
        steps=[(1, GREEN)],
        width=6,
    )


def _uptime() -> stat.Panel:
    return number(
        "Since the last start",
        "Time since the start of each Redis; a short time means a restart.",
        SECONDS,
        Query(reported("sentiment_redis_uptime_seconds", by=_PART), _EACH),
        below=YELLOW,
        steps=[(600, GREEN)],
        width=6,
    )


def _safe() -> Iterator[stat.Panel]:
    yield number(
        "Broker writes to disk",
        "1 with an append-only file. Without one, accepted jobs are lost when the broker ends.",
        COUNT,
        Query(reported("sentiment_redis_append_only", _BROKER), "{{service}}"),
        below=RED,
        steps=[(1, GREEN)],
    )
    yield number(
        "Its last write succeeded",
        "0 if the last write failed, mostly because the disk is full. Then the broker accepts no work.",
        COUNT,
        Query(reported("sentiment_redis_write_ok", _BROKER), "{{service}}"),
        below=RED,
        steps=[(1, GREEN)],
    )
    yield number(
        "Broker evicts",
        "1 if its policy is not noeviction; then accepted work may be deleted.",
        COUNT,
        Query(reported("sentiment_redis_evicts", _BROKER), "{{service}}"),
        steps=[(1, RED)],
    )


def _memory() -> Iterator[timeseries.Panel]:
    used = reported("sentiment_redis_memory_used_bytes", by=_PART)
    limit = reported("sentiment_redis_memory_limit_bytes", by=_PART)
    yield lines(
        "Used of the limit",
        "A full cache is normal: it deletes the answers that are used least. A full broker refuses work.",
        SHARE,
        Query(f"{used} / ({limit} > 0)", _EACH),
        steps=[(0.85, RED)],
    )
    yield lines("Memory", "Used memory, and its limit.", BYTES, Query(used, _EACH), Query(limit, f"{_EACH} limit"))
    yield lines(
        "Keys evicted",
        "Keys deleted because memory was full: normal for the cache, but not for the broker.",
        RATE,
        Query(reported_rate("sentiment_redis_keys_evicted_total", by=_PART), _EACH),
    )


def _work() -> Iterator[timeseries.Panel]:
    lookups = "sentiment_redis_lookups_total"
    hits = reported_rate(lookups, _CACHE, 'outcome="hit"')
    both = reported_rate(lookups, _CACHE, by=f"{SERVICE}, outcome")
    yield lines(
        "Commands",
        "Commands that each Redis processes for all its clients.",
        RATE,
        Query(reported_rate("sentiment_redis_commands_total", by=_PART), _EACH),
        width=6,
    )
    yield lines(
        "Hits of the cache",
        "Share of the keys looked up in Redis that were found; answers in an API process's memory do not count.",
        SHARE,
        Query(f"{hits} / sum by ({SERVICE}) ({both})", "{{service}}"),
        width=6,
    )
    yield lines(
        "Clients",
        "Number of connections; a steady rise is a leak.",
        COUNT,
        Query(reported("sentiment_redis_clients", by=_PART), _EACH),
        width=6,
    )
    yield lines(
        "Lookups that failed",
        "Failed lookups of API processes in the cache; their texts are computed again.",
        RATE,
        Query(total("sentiment_cache_errors_total"), "{{service}}"),
        width=6,
    )
