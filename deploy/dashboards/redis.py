"""The dashboard of both Redis, with figures that the API processes read from INFO."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.dashboards.board import SERVICE, add, board, told, told_rate, total
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
        "The broker (queues, claims, jobs) must never evict and must write to disk; the cache (answers) the reverse.",
    )
    add(dashboard, "At a glance", [_answers(), *_safe(), _uptime()])
    add(dashboard, "Memory", _memory())
    add(dashboard, "Work", _work())
    return dashboard


def _answers() -> stat.Panel:
    return number(
        "Answers",
        "1 while at least one API process gets an answer.",
        COUNT,
        Query(told("sentiment_up", by=_PART), _EACH),
        below=RED,
        steps=[(1, GREEN)],
        width=6,
    )


def _uptime() -> stat.Panel:
    return number(
        "Since the last start",
        "A short time is a restart.",
        SECONDS,
        Query(told("sentiment_redis_uptime_seconds", by=_PART), _EACH),
        below=YELLOW,
        steps=[(600, GREEN)],
        width=6,
    )


def _safe() -> Iterator[stat.Panel]:
    yield number(
        "Broker writes to disk",
        "1 with an append-only file. Without one, accepted jobs are lost when it ends.",
        COUNT,
        Query(told("sentiment_redis_append_only", _BROKER), "{{service}}"),
        below=RED,
        steps=[(1, GREEN)],
    )
    yield number(
        "Its last write succeeded",
        "0 when it did not: a full disk, mostly. Then the broker takes no work.",
        COUNT,
        Query(told("sentiment_redis_write_ok", _BROKER), "{{service}}"),
        below=RED,
        steps=[(1, GREEN)],
    )
    yield number(
        "Broker evicts",
        "1 if its policy is not noeviction, which may throw accepted work away.",
        COUNT,
        Query(told("sentiment_redis_evicts", _BROKER), "{{service}}"),
        steps=[(1, RED)],
    )


def _memory() -> Iterator[timeseries.Panel]:
    used = told("sentiment_redis_memory_used_bytes", by=_PART)
    limit = told("sentiment_redis_memory_limit_bytes", by=_PART)
    yield lines(
        "Used of the limit",
        "A full cache is well: it evicts what is asked least. A full broker refuses work.",
        SHARE,
        Query(f"{used} / ({limit} > 0)", _EACH),
        steps=[(0.85, RED)],
    )
    yield lines("Memory", "Used, and the limit.", BYTES, Query(used, _EACH), Query(limit, f"{_EACH} limit"))
    yield lines(
        "Keys evicted",
        "For want of memory: expected of the cache, never of the broker.",
        RATE,
        Query(told_rate("sentiment_redis_keys_evicted_total", by=_PART), _EACH),
    )


def _work() -> Iterator[timeseries.Panel]:
    lookups = "sentiment_redis_lookups_total"
    hits = told_rate(lookups, _CACHE, 'outcome="hit"')
    both = told_rate(lookups, _CACHE, by=f"{SERVICE}, outcome")
    yield lines(
        "Commands",
        "Done by each Redis, for everybody.",
        RATE,
        Query(told_rate("sentiment_redis_commands_total", by=_PART), _EACH),
        width=6,
    )
    yield lines(
        "Hits of the cache",
        "Share of keys looked up in Redis that were there; what processes hold themselves is not asked for.",
        SHARE,
        Query(f"{hits} / sum by ({SERVICE}) ({both})", "{{service}}"),
        width=6,
    )
    yield lines(
        "Clients",
        "Connections; a steady rise is a leak.",
        COUNT,
        Query(told("sentiment_redis_clients", by=_PART), _EACH),
        width=6,
    )
    yield lines(
        "Lookups that failed",
        "Of API processes in the cache, which then had the answer computed anew.",
        RATE,
        Query(total("sentiment_cache_errors_total"), "{{service}}"),
        width=6,
    )
