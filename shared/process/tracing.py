"""Traces over OTLP: one for each request or job, from its headers to each inference or chunk.

Without a collector, traces are off and OpenTelemetry is not imported. A message contains for each text the trace
context of the first request that needs the text; a job's record contains that of its submission.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from shared.contract.errors import SentimentError
from shared.process.settings import Settings
from shared.process.trace_context import Attributes, inference_context, traceparent, within

if TYPE_CHECKING:
    from shared.process.spans import Tracing

_EXTRA: Final = ("opentelemetry.sdk", "opentelemetry.exporter")


def require_tracing(settings: Settings) -> None:
    """Check that traces can be sent if the settings name a collector.

    Raises:
        SentimentError: OpenTelemetry is not installed.
    """
    if settings.otlp_endpoint and not all(_installed(name) for name in _EXTRA):
        raise SentimentError("SENTIMENT_OTLP_ENDPOINT is set, but the extra for it is not installed: tracing")


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def start_tracing(settings: Settings, service: str) -> "Tracing | None":
    """Return the tracer of a process; None if no collector is set.

    Args:
        settings: the collector's URL and the share of requests to trace.
        service: name of this program in traces.

    Raises:
        SentimentError: OpenTelemetry is not installed.
    """
    if not settings.otlp_endpoint:
        return None
    require_tracing(settings)
    from shared.process.spans import Tracing  # noqa: PLC0415

    return Tracing(settings, service)


def inference_span(
    tracing: "Tracing | None", parent: str, key: str, attributes: Attributes
) -> AbstractContextManager[Any]:
    """Open a span for an inference if its request is traced; otherwise return a context that does nothing."""
    return tracing.inference(parent, key, attributes) if tracing and parent else nullcontext()


def chunk_span(tracing: "Tracing | None", parent: str, attributes: Attributes) -> AbstractContextManager[Any]:
    """Open a span for a chunk if its job is traced; otherwise only set the trace context of the log."""
    return tracing.chunk(parent, attributes) if tracing and parent else within(parent)


def link_inferences(expected: Iterable[tuple[str, str]]) -> None:
    """Add to the current request's span links to the inferences that another request has started.

    Args:
        expected: for each text its key, and the context of its inference, empty if that is not traced.
    """
    own = traceparent.get()
    others = [context for key, context in expected if context and context != inference_context(own, key)]
    if own and others:
        from shared.process.spans import add_links  # noqa: PLC0415

        add_links(others)
