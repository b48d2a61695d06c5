"""The dashboard of the service for its clients: load, latency, outcomes, and the objectives."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.dashboards.board import SERVICE, add, board, ours, quantile, rate, share, total
from deploy.dashboards.panels import (
    COUNT,
    GREEN,
    PER_SECOND,
    RATE,
    RED,
    SECONDS,
    SHARE,
    YELLOW,
    Query,
    lines,
    number,
)

_REQUESTS: Final = "sentiment_http_requests_total"
_DURATION: Final = "sentiment_http_request_duration_seconds"
_PREDICTIONS: Final = 'route=~".*/(bulk-)?predict"'
_ASKED: Final = 'route=~".*/((bulk-)?predict|jobs)"'
_HIT: Final = 'cache="hit"'
_MISS: Final = 'cache="miss"'
_API: Final = 'job="sentiment-api"'


def service() -> Dashboard:
    """Return the dashboard of the service."""
    dashboard = board("service", "Sentiment: service", "Requests, latency, refusals and the error budget.")
    add(dashboard, "At a glance", [*_now(), *_well()])
    add(dashboard, "Requests", [*_requests(), *_latency(), _lookups()])
    add(dashboard, "Error budget (needs the rules of the chart)", _budget())
    add(dashboard, "API processes", _processes())
    return dashboard


def _now() -> Iterator[stat.Panel]:
    predictions = 'cache=~"hit|miss"'
    hits = share(total(_REQUESTS, _HIT), total(_REQUESTS, predictions))
    yield number(
        "Predictions",
        "Requests for predictions a second, whatever became of them.",
        PER_SECOND,
        Query(total(_REQUESTS, _PREDICTIONS), "{{service}}"),
    )
    yield number("Hits", "Share of predictions that needed no model.", SHARE, Query(hits, "{{service}}"))
    yield number(
        "p99 of misses",
        "99 of 100 predictions that needed the model took no longer. The deadline is 1.8 s, the promise 2 s.",
        SECONDS,
        Query(quantile(0.99, _DURATION, _MISS), "{{service}}"),
        steps=[(1.0, YELLOW), (1.8, RED)],
    )


def _well() -> Iterator[stat.Panel]:
    failed = total(_REQUESTS, _PREDICTIONS, 'status=~"5.."')
    left = ours("service:sentiment_slo_burn:ratio_30d", 'slo="answered"')
    yield number(
        "Failed",
        "Share of predictions answered with 5xx: refusals, deadlines and faults.",
        SHARE,
        Query(share(failed, total(_REQUESTS, _PREDICTIONS)), "{{service}}"),
        steps=[(0.005, YELLOW), (0.05, RED)],
    )
    yield number(
        "Error budget left",
        "What is left of 30 days' 0.5 % of failures; needs the rules of the chart.",
        SHARE,
        Query(f"1 - {left}", "{{service}}"),
        below=RED,
        steps=[(0.0, YELLOW), (0.25, GREEN)],
    )
    yield number(
        "API processes",
        "API processes that Prometheus reaches.",
        COUNT,
        Query(f"sum by ({SERVICE}) ({ours('up', _API)})", "{{service}}"),
        below=RED,
        steps=[(1, GREEN)],
    )


def _requests() -> Iterator[timeseries.Panel]:
    yield lines(
        "Predictions, hits and misses",
        "A hit needed no model; a miss did, for one of its texts at least; none was refused before anybody looked.",
        PER_SECOND,
        Query(total(_REQUESTS, _PREDICTIONS, by=f"{SERVICE}, cache"), "{{service}} {{cache}}"),
        stacked=True,
    )
    yield lines(
        "Requests by status",
        "Predictions and jobs. 503 is a refusal, 504 a deadline that passed; 0 is a client that left.",
        PER_SECOND,
        Query(total(_REQUESTS, _ASKED, by=f"{SERVICE}, status"), "{{service}} {{status}}"),
        stacked=True,
    )
    yield lines(
        "Refusals and failures by reason",
        "overloaded, no-worker, queue-unavailable and jobs-full are the 503s, deadline-exceeded is the 504.",
        PER_SECOND,
        Query(f"{total('sentiment_problems_total', by=f'{SERVICE}, code')} > 0", "{{service}} {{code}}"),
    )


def _latency() -> Iterator[timeseries.Panel]:
    yield lines(
        "Latency of hits",
        "From the request's headers to its answer, inside the API.",
        SECONDS,
        Query(quantile(0.5, _DURATION, _HIT), "{{service}} p50"),
        Query(quantile(0.99, _DURATION, _HIT), "{{service}} p99"),
    )
    yield lines(
        "Latency of misses",
        "From the request's headers to its answer: queue, model and way back. 504 at 1.8 s; the promise is 2 s.",
        SECONDS,
        Query(quantile(0.5, _DURATION, _MISS), "{{service}} p50"),
        Query(quantile(0.99, _DURATION, _MISS), "{{service}} p99"),
        steps=[(1.8, YELLOW), (2.0, RED)],
    )


def _lookups() -> timeseries.Panel:
    return lines(
        "Where texts were found",
        "Held by the process itself, found in Redis, or missed.",
        RATE,
        Query(total("sentiment_cache_lookups_total", by=f"{SERVICE}, outcome"), "{{service}} {{outcome}}"),
        stacked=True,
    )


def _budget() -> Iterator[timeseries.Panel]:
    yield lines(
        "Burn rate",
        "How many times as fast as allowed predictions fail or come late. At 1 the budget lasts 30 days; "
        "14.4 and 6 call somebody.",
        COUNT,
        Query(ours("service:sentiment_slo_burn:ratio_5m"), "{{service}} {{slo}} 5 m"),
        Query(ours("service:sentiment_slo_burn:ratio_1h"), "{{service}} {{slo}} 1 h"),
        Query(ours("service:sentiment_slo_burn:ratio_6h"), "{{service}} {{slo}} 6 h"),
        steps=[(6, YELLOW), (14.4, RED)],
        width=12,
    )
    yield lines(
        "Budget left",
        "Of 30 days, or of as long as Prometheus remembers.",
        SHARE,
        Query(f"1 - {ours('service:sentiment_slo_burn:ratio_30d')}", "{{service}} {{slo}}"),
        width=12,
    )


def _processes() -> Iterator[timeseries.Panel]:
    each = f"{SERVICE}, instance"
    yield lines(
        "Under way",
        "Requests open, and distinct texts waited for.",
        COUNT,
        Query(f"sum by ({SERVICE}) ({ours('sentiment_http_requests_open')})", "{{service}} requests"),
        Query(f"sum by ({SERVICE}) ({ours('sentiment_texts_in_flight')})", "{{service}} texts"),
        width=6,
    )
    yield lines(
        "Claims",
        "Misses: claimed for computing, coalesced with another request's, answered meanwhile, refused, or failed.",
        RATE,
        Query(total("sentiment_claims_total", by=f"{SERVICE}, outcome"), "{{service}} {{outcome}}"),
        width=6,
    )
    yield lines(
        "Event loop lag, p99",
        "How late the event loop wakes a timer: a process starved of CPU shows here first.",
        SECONDS,
        Query(quantile(0.99, "sentiment_event_loop_lag_seconds", by=each), "{{service}} {{instance}}"),
        steps=[(0.1, YELLOW)],
        width=6,
    )
    yield lines(
        "CPU",
        "CPUs that each process uses.",
        COUNT,
        Query(f"sum by ({each}) ({rate('process_cpu_seconds_total', _API)})", "{{service}} {{instance}}"),
        width=6,
    )
