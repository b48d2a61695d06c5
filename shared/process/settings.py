"""Every setting of the product, read from the environment with the prefix ``SENTIMENT_``."""

import os
import re
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import (
    BeforeValidator,
    Field,
    FiniteFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.broker.connect import Server
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.contract.errors import SettingsError
from shared.contract.names import LANES, Lane
from shared.process.choices import ClientProtocolName, Environment, LogFormat
from shared.process.spelling import misspelled, tidy

_MODEL_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?")
_ORIGIN: Final = re.compile(r"https?://[^/\s,]+")
_MAY_BE_EMPTY: Final = ("path_prefix", "protocols")
Seconds = Annotated[FiniteFloat, Field(gt=0)]
Port = Annotated[int, Field(ge=1, le=65535)]


def _split(value: object) -> object:
    return [stripped for part in value.split(",") if (stripped := part.strip())] if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """The settings of API, worker, launcher and Flower; each of them reads some. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="SENTIMENT_", frozen=True, extra="ignore", hide_input_in_errors=True)

    # All parts
    env: Annotated[Environment, BeforeValidator(_lower)] = Environment.DEVELOPMENT
    """``production`` makes every part refuse to start with unsafe settings (`shared.process.production`)."""

    # Redis: two servers, because a cache must evict keys and a queue must not.
    broker_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """URL (``redis[s]://``, ``valkey[s]://``, ``redis[s]+sentinel://``) of the Redis for all work (noeviction, AOF)."""
    cache_url: SecretStr = SecretStr("redis://127.0.0.1:6380/0")
    """URL of the Redis for answers (allkeys-lfu, no persistence), in the same forms."""
    namespace: str = Field("sentiment", pattern=r"^[a-z0-9-]{1,32}$")
    """First part of the name of every Redis key, channel and queue; services that share a Redis need different ones."""
    broker_timeout: Seconds = 0.45
    """Longest wait of the API for a reply of the broker; without a broker, a miss is refused within 0.6 s."""
    cache_timeout: Seconds = 0.05
    """Longest wait for a reply of the cache; after that, the text counts as not cached."""
    job_replicas: Annotated[int, Field(ge=0, le=10)] | None = None
    """Replicas of the broker that must have a job before the answer 202; when unset, 1 with Sentinels, otherwise 0."""
    job_replicas_timeout: Annotated[FiniteFloat, Field(ge=0.001)] = 0.2
    """Longest wait for them, which Redis may exceed by 0.1 s; then the answer is 503, and the outcome is unknown."""
    redis_ca_file: Path | None = None
    """File with certificate authorities for ``rediss://`` URLs; those of the system when unset."""
    allow_plain_redis: bool = False
    """Whether Redis on other machines may be reached without TLS in production."""
    cache_ttl: PositiveInt = 7 * 24 * 3600
    """Seconds for which the cache keeps an answer."""

    # API
    api_host: str = "127.0.0.1"
    """Address on which the API listens; ``0.0.0.0`` for all addresses of the machine."""
    api_port: Port = 8000
    """Port on which the API listens."""
    path_prefix: str = "/project"
    """First part of the paths of the service; health and metrics are also at the root."""
    deadline: Seconds = 1.8
    """Longest wait for a synchronous answer before 504; 0.2 s below the 2 s promise."""
    max_body_bytes: PositiveInt = 1024 * 1024
    """Most bytes of a request body; more is 413."""
    body_timeout: Seconds = 30.0
    """Longest time until the whole body has arrived; more is 408."""
    max_texts: PositiveInt = 128
    """Most texts in one batch; more is 422."""
    max_chars: PositiveInt = 10_000
    """Most characters in one text; more is 422."""
    local_cache_entries: PositiveInt = 20_000
    """Most answers that one API process keeps in its own memory."""
    chunk_tokens: PositiveInt = 1024
    """Most estimated tokens in one queue message of several texts; its work takes at most about 20 ms, too."""
    max_job_texts: PositiveInt = 10_000
    """Most texts in one job; more is 422."""
    max_job_body_bytes: PositiveInt = 16 * 1024 * 1024
    """Most bytes of the body of a job; more is 413."""
    max_waiting_job_bytes: PositiveInt = 128 * 1024 * 1024
    """Most bytes of texts and results of all unfinished jobs together; more is 503. A result counts 256 or, with many
    labels, more."""
    job_ttl: PositiveInt = 3600
    """Seconds for which a finished job and its results are kept."""
    job_secret: SecretStr | None = None
    """Secret that signs job ids; random and kept on the broker when unset."""
    chunk_seconds: Seconds = 0.05
    """Time that a chunk of several texts should take at most, because synchronous requests wait until it ends."""
    drain: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """Seconds for which a stopping API process still answers, with `/readyz` at 503, until balancers do not use it."""
    page: bool = True
    """Whether ``/`` serves the page."""
    protocols: Annotated[tuple[ClientProtocolName, ...], NoDecode, BeforeValidator(_split)] = (
        ClientProtocolName.HUGGING_FACE,
        ClientProtocolName.TEI,
        ClientProtocolName.OPEN_INFERENCE,
        ClientProtocolName.KSERVE,
    )
    """Other servers whose clients may use this service, separated by commas (``docs/how-to/coming-from.md``): ``hf``,
    ``tei``, ``v2``, ``v1``, ``invocations``, ``vllm``, ``infinity``; none when empty."""
    model_names: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = ("sentiment",)
    """Names by which clients of other servers may call the model, separated by commas; answers have the first one."""
    flower_url: str = Field("", pattern=r"^(https?://\S+)?$")
    """URL of Flower, to which the page links; no link when empty."""

    # Access
    api_keys: SecretStr = SecretStr("")
    """API keys of clients, separated by commas; without keys, everyone may use the API."""
    allow_anonymous: bool = False
    """Whether the API may run without keys in production."""
    protect_health: bool = False
    """Whether ``/health``, ``/metrics`` and ``/stats`` require a key as well; ``/livez`` and ``/readyz`` never do."""
    rate_limit: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """Requests per second that one client may send on average; 0 sets no limit."""
    rate_burst: PositiveInt = 20
    """Requests that one client may send at once."""
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """Number of proxies before the API that add to ``X-Forwarded-For``; with 0 the header is ignored."""
    rate_ipv6_prefix: Annotated[int, Field(ge=32, le=128)] = 64
    """Leading bits of an IPv6 address that identify a client without a key; one household has a whole network."""
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    """Origins of web pages that may send requests, separated by commas."""

    # Worker
    engine: str = "auto"
    """``native``, ``onnx``, ``torch``, ``module:factory``, or ``auto``: ``native`` if that can serve, else ``onnx``."""
    model_dir: Path | None = None
    """Folder of a baked model; when unset, the model inside the package is used."""
    worker_processes: PositiveInt | None = None
    """Number of model processes of one worker; when unset, the number of CPUs that it may use."""
    engine_threads: PositiveInt = 1
    """Number of threads of one forward pass; the native engine has one."""
    worker_lanes: Annotated[tuple[Lane, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = LANES
    """The queues that this worker serves, separated by commas: both, ``interactive`` or ``bulk``."""
    task_time_limit: PositiveInt = 30
    """Seconds after which the process of a running task is killed."""

    state_dir: Path | None = None
    """Folder in which a worker keeps its metrics and the beats that ``python -m worker.health`` reads."""
    worker_metrics_port: Port | None = None
    """Port on which a worker serves its metrics to Prometheus; no metrics when unset."""

    # Flower
    flower_host: str = "127.0.0.1"
    """Address on which Flower listens."""
    flower_port: Port = 5555
    """Port on which Flower listens."""
    flower_user: str = Field("admin", pattern=r"^[!-9;-~]+$")
    """Name of Flower's only user."""
    flower_password: SecretStr | None = None
    """Password of that user; random and printed by ``make run`` when unset."""

    # Logs and traces
    otlp_endpoint: str = Field("", pattern=r"^(https?://\S+)?$")
    """URL of a collector of traces over OTLP/HTTP, for instance ``http://collector:4318``; no traces when empty."""
    trace_share: Annotated[FiniteFloat, Field(ge=0, le=1)] = 1.0
    """Share of requests that are traced; for a request with a trace of its caller, the caller decides."""
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = LogFormat.JSON
    """Format of log lines: ``json`` for machines, ``text`` for people; no format contains users' texts."""
    log_level: Annotated[str, BeforeValidator(_upper)] = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
    """``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``."""

    @property
    def api_key_list(self) -> list[str]:
        """The API keys as a list."""
        return [key for part in self.api_keys.get_secret_value().split(",") if (key := part.strip())]

    @property
    def broker(self) -> Server:
        """The broker's server, which makes clients."""
        return Server(RedisUrl.parse(self.broker_url.get_secret_value()), self.redis_ca_file)

    @property
    def required_replicas(self) -> int:
        """Number of the broker's replicas that must have a job before its submission is answered with 202."""
        return int(bool(self.broker.url.sentinels)) if self.job_replicas is None else self.job_replicas

    @property
    def cache(self) -> Server:
        """The cache's server, which makes clients."""
        return Server(RedisUrl.parse(self.cache_url.get_secret_value()), self.redis_ca_file)

    @property
    def servers(self) -> dict[Role, Server]:
        """Both servers by their role."""
        return {Role.BROKER: self.broker, Role.CACHE: self.cache}

    @field_validator("broker_url", "cache_url")
    @classmethod
    def _url_is_understood(cls, value: SecretStr) -> SecretStr:
        RedisUrl.parse(value.get_secret_value())
        return value

    @field_validator("redis_ca_file")
    @classmethod
    def _file_has_authorities(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                ssl.create_default_context(cafile=value)
            except OSError:
                raise ValueError("is not a file with certificate authorities in PEM form") from None
        return value

    @field_validator("api_keys")
    @classmethod
    def _keys_can_be_sent(cls, value: SecretStr) -> SecretStr:
        keys = [key.strip() for key in value.get_secret_value().split(",")]
        if not all(key.isascii() and key.isprintable() and " " not in key for key in keys):
            raise ValueError("has a key with a space or another character that no header may hold")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin, such as https://example.com: no path, no slash at the end")
        return value

    @field_validator("protocols")
    @classmethod
    def _protocols_stand_once(cls, value: tuple[ClientProtocolName, ...]) -> tuple[ClientProtocolName, ...]:
        return tuple(dict.fromkeys(value))

    @field_validator("model_names")
    @classmethod
    def _names_fit_into_paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _MODEL_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a model: letters, digits, and . _ / - between them")
        return tuple(dict.fromkeys(value))

    @field_validator("worker_lanes")
    @classmethod
    def _lanes_stand_once(cls, value: tuple[Lane, ...]) -> tuple[Lane, ...]:
        return tuple(dict.fromkeys(value))

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, values: Any) -> Any:
        return tidy(values, _MAY_BE_EMPTY) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _replicas_are_waited_for_within_the_limit(self) -> Self:
        if self.required_replicas and self.job_replicas_timeout + 0.1 >= self.broker_timeout:
            raise ValueError("SENTIMENT_JOB_REPLICAS_TIMEOUT + 0.1 must be below SENTIMENT_BROKER_TIMEOUT")
        return self

    @field_validator("path_prefix")
    @classmethod
    def _prefix_is_a_path(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/")):
            raise ValueError("must be empty, or start with '/' and not end with one")
        return value


@lru_cache
def get_settings() -> Settings:
    """Return the settings, which are read from the environment once.

    Raises:
        SettingsError: it names every setting with an invalid value, and every misspelled variable.
    """
    if wrong := misspelled(os.environ, Settings.model_fields):
        raise SettingsError("; ".join(f"{name} is no setting: {near} is meant" for name, near in wrong.items()))
    try:
        return Settings()
    except ValidationError as error:
        flaws = [_flaw(**flaw) for flaw in error.errors(include_input=False, include_url=False)]
        raise SettingsError("; ".join(flaws)) from None


def _flaw(loc: tuple[int | str, ...], msg: str, **_: object) -> str:
    text = msg.removeprefix("Value error, ")
    return f"SENTIMENT_{str(loc[0]).upper()}: {text}" if loc else text
