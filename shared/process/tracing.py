"""Traces over OTLP: one for each request, from its headers through the queue to the inference of each text.

Without a collector, traces are off and OpenTelemetry is not imported. A message contains for each text the W3C trace
context (https://www.w3.org/TR/trace-context/) of the first request that needs the text.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib.util import find_spec
from threading import Thread
from typing import Any, Final

from shared.contract.errors import SentimentError
from shared.process.settings import Settings

traceparent: ContextVar[str] = ContextVar("traceparent", default="")
"""W3C trace context of the request for which the current code runs; empty without a trace."""


_EXPORT_SECONDS: Final = 2
_CLOSE_SECONDS: Final = 2.0
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


class Tracing:
    """Makes spans and sends them in the background.

    Args:
        settings: the collector's URL and the share of requests to trace.
        service: name of this program in traces: ``sentiment-api`` or ``sentiment-worker``.

    Raises:
        SentimentError: OpenTelemetry is not installed.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        require_tracing(settings)
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        resource = Resource.create({"service.name": service, "service.namespace": settings.namespace})
        sampler = ParentBased(TraceIdRatioBased(settings.trace_share))
        self._provider = TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sentiment")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Any]:
        """Open a span for a request, as a part of the caller's trace if the headers contain one.

        Args:
            headers: headers of the request, with names in lower case.
        """
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        parent = self._propagator.extract(headers)
        with self._tracer.start_as_current_span("request", parent, SpanKind.SERVER) as span:
            carrier: dict[str, str] = {}
            self._propagator.inject(carrier)
            token = traceparent.set(carrier.get("traceparent", ""))
            try:
                yield span
            finally:
                traceparent.reset(token)

    def inference(self, parent: str, attributes: Mapping[str, str | int]) -> AbstractContextManager[Any]:
        """Open a span for the inference of a text, as a part of the trace of the request that needs it.

        Args:
            parent: W3C trace context of the request.
            attributes: attributes of the span.
        """
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        context = self._propagator.extract({"traceparent": parent})
        return self._tracer.start_as_current_span("inference", context, SpanKind.CONSUMER, attributes)

    def mark_failed(self, span: Any) -> None:
        """Mark a span as failed."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Send the remaining spans, waiting at most two seconds for the collector."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


def start_tracing(settings: Settings, service: str) -> Tracing | None:
    """Return the tracer of a process; None if no collector is set."""
    return Tracing(settings, service) if settings.otlp_endpoint else None


def inference_span(
    tracing: Tracing | None, parent: str, attributes: Mapping[str, str | int]
) -> AbstractContextManager[Any]:
    """Open a span for an inference if its request is traced; otherwise return a context that does nothing."""
    return tracing.inference(parent, attributes) if tracing and parent else nullcontext()
