"""Every metric that the product exposes, with its name, kind, description and labels.

Names follow https://prometheus.io/docs/practices/naming/: base units, and ``_total`` at the end of a counter's name.
Metrics that are read from Redis are the same on every API process: take ``max`` over the processes, not ``sum``.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """The type of a metric in Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """The declaration of a metric."""

    name: str
    kind: Kind
    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of the buckets of a histogram."""


SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 1.8, 2.0, 5.0)
"""Buckets for times of requests; 1.8 s is the default deadline, 2 s the promised time."""
_LAG: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_COUNTS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)

# Counted by each API process
REQUESTS = Metric(
    "sentiment_http_requests_total", Kind.COUNTER, "Requests answered.", ("method", "route", "status", "cache")
)
DURATION = Metric(
    "sentiment_http_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time of a request from its headers on; of a hit in the process's memory, and of a refusal without the broker, from"
    " the end of its body on.",
    ("route", "cache"),
    SECONDS,
)
OPEN_REQUESTS = Metric("sentiment_http_requests_open", Kind.GAUGE, "Requests under way in this process.")
PROBLEMS = Metric("sentiment_problems_total", Kind.COUNTER, "Refusals and failures, by their problem code.", ("code",))
LOOKUPS = Metric(
    "sentiment_cache_lookups_total",
    Kind.COUNTER,
    "Distinct texts of requests: found in the process's memory (held), found in Redis, or missed.",
    ("outcome",),
)
CACHE_ERRORS = Metric("sentiment_cache_errors_total", Kind.COUNTER, "Lookups in Redis that failed or took too long.")
CLAIMS = Metric(
    "sentiment_claims_total",
    Kind.COUNTER,
    "Misses: claimed to be computed, coalesced with another request, answered meanwhile, refused, or failed.",
    ("outcome",),
)
FLIGHTS = Metric("sentiment_texts_in_flight", Kind.GAUGE, "Distinct texts for which this process waits.")
FAILOVERS = Metric(
    "sentiment_failovers_total",
    Kind.COUNTER,
    "Times that the Sentinels have named another primary: broker, cache.",
    ("part",),
)
SETBACKS = Metric(
    "sentiment_jobs_set_back_total",
    Kind.COUNTER,
    "Jobs of which the broker has lost something, as this process noticed when they were asked for: the job, its"
    " cancellation, or progress.",
    ("lost",),
)
LAG = Metric(
    "sentiment_event_loop_lag_seconds", Kind.HISTOGRAM, "Delay with which the event loop runs a timer.", buckets=_LAG
)

# Read by API processes from the broker
UP = Metric("sentiment_up", Kind.GAUGE, "1 if a part answers this process: broker, cache.", ("part",))
WORKERS = Metric(
    "sentiment_workers", Kind.GAUGE, "Live model processes by lane and model version.", ("lane", "version")
)
ACTIVE = Metric("sentiment_model_active_info", Kind.GAUGE, "1 for the active model version.", ("version",))
RATE = Metric(
    "sentiment_fleet_tokens_per_second",
    Kind.GAUGE,
    "Tokens that the live workers of a lane can process in a second.",
    ("lane",),
)
BACKLOG = Metric(
    "sentiment_backlog_tokens", Kind.GAUGE, "Estimated tokens of unfinished work, waiting and running.", ("lane",)
)
UNFINISHED = Metric(
    "sentiment_backlog_items", Kind.GAUGE, "Unfinished texts (interactive) or chunks in the line (bulk).", ("lane",)
)
MESSAGES = Metric("sentiment_queue_messages", Kind.GAUGE, "Messages that no worker has taken yet.", ("lane",))
OLDEST = Metric(
    "sentiment_queue_oldest_seconds", Kind.GAUGE, "Age of the oldest unfinished or waiting work.", ("lane",)
)
JOBS = Metric("sentiment_jobs_open", Kind.GAUGE, "Jobs that have not ended.")
RESENT = Metric("sentiment_chunks_resent_total", Kind.COUNTER, "Chunks of jobs sent again, by the reason.", ("reason",))

# Read by API processes from both Redis
_PART: Final = ("part",)
REDIS_MEMORY = Metric("sentiment_redis_memory_used_bytes", Kind.GAUGE, "Memory that a Redis uses.", _PART)
REDIS_LIMIT = Metric(
    "sentiment_redis_memory_limit_bytes", Kind.GAUGE, "Memory limit of a Redis; 0 if it has none.", _PART
)
REDIS_EVICTS = Metric(
    "sentiment_redis_evicts",
    Kind.GAUGE,
    "1 if keys are deleted when memory is full, which is right only for the cache.",
    _PART,
)
REDIS_EVICTED = Metric(
    "sentiment_redis_keys_evicted_total", Kind.COUNTER, "Keys deleted because memory was full.", _PART
)
REDIS_LOOKUPS = Metric(
    "sentiment_redis_lookups_total", Kind.COUNTER, "Keys looked up, with the outcome hit or miss.", ("part", "outcome")
)
REDIS_COMMANDS = Metric("sentiment_redis_commands_total", Kind.COUNTER, "Commands processed.", _PART)
REDIS_CLIENTS = Metric("sentiment_redis_clients", Kind.GAUGE, "Clients connected.", _PART)
REDIS_APPEND_ONLY = Metric(
    "sentiment_redis_append_only", Kind.GAUGE, "1 if writes go to an append-only file, which the broker needs.", _PART
)
REDIS_WRITE_OK = Metric(
    "sentiment_redis_write_ok", Kind.GAUGE, "0 if the last write to that file failed; then Redis refuses writes.", _PART
)
REDIS_UPTIME = Metric("sentiment_redis_uptime_seconds", Kind.GAUGE, "Seconds since a Redis has started.", _PART)

# Counted by each worker
BATCH = Metric("sentiment_worker_batch_texts", Kind.HISTOGRAM, "Texts in a message or chunk.", ("lane",), _COUNTS)
INFERENCE = Metric(
    "sentiment_worker_inference_seconds",
    Kind.HISTOGRAM,
    "Time of one forward pass, which may have several texts.",
    buckets=SECONDS,
)
FAILURES = Metric(
    "sentiment_worker_inference_failures_total", Kind.COUNTER, "Forward passes that failed with an exception."
)
TOKENS = Metric("sentiment_worker_tokens_total", Kind.COUNTER, "Estimated tokens computed.", ("lane",))
UNKNOWN_TOKENS = Metric(
    "sentiment_worker_unknown_tokens_total",
    Kind.COUNTER,
    "Tokens that are not in the model's vocabulary.",
    ("lane", "version"),
)
TRUNCATED = Metric(
    "sentiment_worker_truncated_texts_total", Kind.COUNTER, "Texts longer than the model reads.", ("lane", "version")
)
TEXTS = Metric(
    "sentiment_worker_texts_total",
    Kind.COUNTER,
    "Texts handled: computed, known meanwhile, late (its deadline had passed), or given up (it ended its process).",
    ("lane", "outcome"),
)
STORE_ERRORS = Metric(
    "sentiment_worker_cache_errors_total",
    Kind.COUNTER,
    "Number of times that a worker lost its connection to the cache.",
)
MODEL = Metric(
    "sentiment_worker_model_info",
    Kind.GAUGE,
    "1 for the model that a worker has loaded, with the engine that runs it.",
    ("version", "name", "engine", "variant"),
)

API: Final = (
    REQUESTS, DURATION, OPEN_REQUESTS, PROBLEMS, LOOKUPS, CACHE_ERRORS, CLAIMS, FLIGHTS,
    FAILOVERS, SETBACKS, LAG,
    UP, WORKERS, ACTIVE, RATE, BACKLOG, UNFINISHED, MESSAGES, OLDEST, JOBS, RESENT,
    REDIS_MEMORY, REDIS_LIMIT, REDIS_EVICTS, REDIS_EVICTED, REDIS_LOOKUPS, REDIS_COMMANDS, REDIS_CLIENTS,
    REDIS_APPEND_ONLY, REDIS_WRITE_OK, REDIS_UPTIME,
)  # fmt: skip
"""Metrics at ``/metrics`` of an API process."""
WORKER: Final = (BATCH, INFERENCE, FAILURES, TOKENS, UNKNOWN_TOKENS, TRUNCATED, TEXTS, STORE_ERRORS, MODEL)
"""Metrics at the metrics port of a worker."""
