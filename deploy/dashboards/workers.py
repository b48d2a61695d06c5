"""The dashboard of queues, model processes, inference and jobs."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.dashboards.board import SERVICE, add, board, quantile, reported, reported_rate, total
from deploy.dashboards.panels import COUNT, RATE, RED, SECONDS, SHARE, YELLOW, Query, lines, number

_LANE: Final = f"{SERVICE}, lane"
_OLDEST: Final = "sentiment_queue_oldest_seconds"


def workers() -> Dashboard:
    """Return the dashboard of workers and queue."""
    dashboard = board("workers", "Sentiment: workers and queue", "Waiting work, the workers, and their speed.")
    add(dashboard, "At a glance", _now())
    add(dashboard, "Queue", _queue())
    add(dashboard, "Workers", _fleet())
    add(dashboard, "Inference", [*_passes(), *_failures()])
    return dashboard


def _now() -> Iterator[stat.Panel]:
    live = reported("sentiment_workers", by=f"{_LANE}, version")
    yield number(
        "Model processes",
        "Live model processes of each lane. A lane without waiting work may be at 0.",
        COUNT,
        Query(f"sum by ({_LANE}) ({live})", "{{service}} {{lane}}"),
        width=6,
    )
    yield number(
        "Oldest interactive work",
        "Age of the oldest synchronous text for which a request waits; it is given up after 1.8 s.",
        SECONDS,
        Query(reported(_OLDEST, 'lane="interactive"'), "{{service}}"),
        steps=[(0.9, YELLOW), (1.5, RED)],
        width=6,
    )
    yield number(
        "Oldest chunk of a job",
        "Age of the first chunk in the line.",
        SECONDS,
        Query(reported(_OLDEST, 'lane="bulk"'), "{{service}}"),
        steps=[(300, YELLOW), (900, RED)],
        width=6,
    )
    yield number(
        "Jobs open",
        "Jobs that have not ended.",
        COUNT,
        Query(reported("sentiment_jobs_open"), "{{service}}"),
        width=6,
    )


def _queue() -> Iterator[timeseries.Panel]:
    seconds = (
        f"{reported('sentiment_backlog_tokens', by=_LANE)} / {reported('sentiment_fleet_tokens_per_second', by=_LANE)}"
    )
    yield lines(
        "Unfinished",
        "Texts of synchronous requests, waiting and running; chunks of jobs in the line. KEDA scales on these.",
        COUNT,
        Query(reported("sentiment_backlog_items", by=_LANE), "{{service}} {{lane}}"),
        width=6,
    )
    yield lines(
        "Messages nobody has taken",
        "Length of each lane's queue on the broker, without the messages that workers have taken.",
        COUNT,
        Query(reported("sentiment_queue_messages", by=_LANE), "{{service}} {{lane}}"),
        width=6,
    )
    yield lines(
        "Seconds of work",
        "Unfinished tokens, divided by the tokens per second of the lane's workers; no line without workers.",
        SECONDS,
        Query(seconds, "{{service}} {{lane}}"),
        steps=[(1.8, YELLOW)],
        width=6,
    )
    yield lines(
        "Age of the oldest",
        "Age of the oldest unfinished text, and of the oldest chunk in the line.",
        SECONDS,
        Query(reported(_OLDEST, by=_LANE), "{{service}} {{lane}}"),
        width=6,
    )


def _fleet() -> Iterator[timeseries.Panel]:
    yield lines(
        "Live model processes by version",
        "Model processes that announce themselves on the broker; during a rollout there are two versions.",
        COUNT,
        Query(reported("sentiment_workers", by=f"{_LANE}, version"), "{{service}} {{lane}} {{version}}"),
        stacked=True,
        width=6,
    )
    yield lines(
        "Active version",
        "The model version whose answers are served from the cache.",
        COUNT,
        Query(reported("sentiment_model_active_info", by=f"{SERVICE}, version"), "{{service}} {{version}}"),
        width=6,
    )
    yield lines(
        "Capacity and use",
        "Tokens per second that the workers can compute, and that they compute.",
        RATE,
        Query(reported("sentiment_fleet_tokens_per_second", by=_LANE), "{{service}} {{lane}} can"),
        Query(total("sentiment_worker_tokens_total", by=_LANE), "{{service}} {{lane}} done"),
        width=6,
    )
    yield lines(
        "Chunks sent again",
        "died: the process that ran the chunk has died; lost: its ticket was lost. In both cases no result is lost.",
        RATE,
        Query(reported_rate("sentiment_chunks_resent_total", by=f"{SERVICE}, reason"), "{{service}} {{reason}}"),
        width=6,
    )


def _passes() -> Iterator[timeseries.Panel]:
    batch = "sentiment_worker_batch_texts"
    mean = f"{total(f'{batch}_sum', by=_LANE)} / {total(f'{batch}_count', by=_LANE)}"
    yield lines(
        "Time of a forward pass",
        "Time of a forward pass; short texts of a message or chunk share one.",
        SECONDS,
        Query(quantile(0.5, "sentiment_worker_inference_seconds"), "{{service}} p50"),
        Query(quantile(0.99, "sentiment_worker_inference_seconds"), "{{service}} p99"),
    )
    yield lines(
        "Texts",
        "computed; known meanwhile, so not computed again; late, because the deadline had passed.",
        RATE,
        Query(total("sentiment_worker_texts_total", by=f"{_LANE}, outcome"), "{{service}} {{lane}} {{outcome}}"),
        stacked=True,
    )
    yield lines(
        "Texts in a message",
        "Average number of texts in a synchronous message and in a chunk.",
        COUNT,
        Query(mean, "{{service}} {{lane}}"),
    )


def _failures() -> Iterator[timeseries.Panel]:
    failed = total("sentiment_worker_inference_failures_total")
    computed = total("sentiment_worker_texts_total", 'outcome="computed"')
    yield lines(
        "Failed texts",
        "Share of the computed texts for which the model failed; each gets an error as its result.",
        SHARE,
        Query(f"{failed} / {computed}", "{{service}}"),
        steps=[(0.05, RED)],
    )
    yield lines(
        "Cache lost",
        "Losses per second of a worker's connection to the cache; answers that it computes meanwhile are not stored.",
        RATE,
        Query(total("sentiment_worker_cache_errors_total"), "{{service}}"),
    )
