"""The values of settings that are one of a few."""

from enum import StrEnum


class Environment(StrEnum):
    """The environment: in production, settings that are safe only on a developer's machine are refused."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ClientProtocolName(StrEnum):
    """A server whose clients may use this service."""

    HUGGING_FACE = "hf"
    TEI = "tei"
    OPEN_INFERENCE = "v2"
    KSERVE = "v1"
    INVOCATIONS = "invocations"
    VLLM = "vllm"
    INFINITY = "infinity"


class LogFormat(StrEnum):
    """The form of log lines: JSON objects for machines, or text for people."""

    JSON = "json"
    TEXT = "text"
