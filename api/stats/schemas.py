"""The schema of the JSON of `/stats`."""

from pydantic import BaseModel

from shared.contract.card import ModelCard
from shared.contract.names import Lane


class Quantiles(BaseModel):
    """Quantiles in milliseconds; null if there were no requests."""

    p50: float | None
    p99: float | None


class Minute(BaseModel):
    """Synchronous requests of the last minute, over all API processes."""

    seconds: int
    requests: int
    hits: int
    misses: int
    unavailable: int
    late: int
    failed: int
    rejected: int
    memory: int
    redis: int
    shared: int
    computed: int
    hit: Quantiles
    miss: Quantiles


class LaneState(BaseModel):
    """The work of one lane; items are texts (interactive) or chunks (bulk), times are in seconds."""

    items: int
    messages: int
    tokens: int
    oldest: float
    workers: int
    tokens_per_second: float


class WorkerState(BaseModel):
    """One model process; `busy` is the share of its last second by lane, `engine` empty for an earlier release's."""

    id: str
    version: str
    engine: str
    variant: str
    lanes: list[Lane]
    tokens_per_second: float
    busy: dict[Lane, float]
    silent: float


class RedisServer(BaseModel):
    """The state of a Redis: memory in bytes, and counts; `limit` is 0 without one.

    All members but `up` are missing if Redis does not answer or does not permit INFO.
    """

    up: bool
    memory: int | None = None
    limit: int | None = None
    clients: int | None = None
    commands_per_second: int | None = None
    evicted: int | None = None
    keys: int | None = None


class ModelState(BaseModel):
    """The active model: its version, empty if there is none, its labels and card, null until a worker has told them."""

    version: str
    labels: list[str] | None
    card: ModelCard | None


class Stats(BaseModel):
    """The service at this moment, and in the last fifteen minutes."""

    time: int
    step: int
    processes: int
    active: str
    model: ModelState
    flower: str
    minute: Minute
    lanes: dict[Lane, LaneState] | None
    jobs: int | None
    workers: list[WorkerState] | None
    more_workers: int
    redis: dict[str, RedisServer]
    warnings: list[str]
    columns: list[str]
    points: list[list[float | None]]
