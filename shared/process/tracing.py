"""Traces over OTLP: one for each request, from its headers through the queue to the inference of each text.

Off unless a collector is named, and free then: OpenTelemetry is not even imported. What travels in a message is the
W3C trace context (https://www.w3.org/TR/trace-context/) of the request that asked for a text first.
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
"""The trace that the current code works for, to be sent along; empty without one."""


_EXPORT_SECONDS: Final = 2
_CLOSE_SECONDS: Final = 2.0
_EXTRA: Final = ("opentelemetry.sdk", "opentelemetry.exporter")


def require_tracing(settings: Settings) -> None:
    """Refuse to start where traces are asked for and cannot be sent.

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
        settings: where to, and how many.
        service: who is speaking: ``sentiment-api`` or ``sentiment-worker``.

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
        """Span a request, as a part of the caller's trace if the headers name one.

        Args:
            headers: of the request, names in lower case.
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
        """Span a text's inference, as a part of the request that asked for it."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        context = self._propagator.extract({"traceparent": parent})
        return self._tracer.start_as_current_span("inference", context, SpanKind.CONSUMER, attributes)

    def mark_failed(self, span: Any) -> None:
        """Mark a span as failed."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Send the remaining spans; a collector that does not answer is given up after two seconds."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


def start_tracing(settings: Settings, service: str) -> Tracing | None:
    """Return the tracer of a process; None if no collector is set."""
    return Tracing(settings, service) if settings.otlp_endpoint else None


def inference_span(
    tracing: Tracing | None, parent: str, attributes: Mapping[str, str | int]
) -> AbstractContextManager[Any]:
    """Span an inference if there is a trace that it belongs to."""
    return tracing.inference(parent, attributes) if tracing and parent else nullcontext()
