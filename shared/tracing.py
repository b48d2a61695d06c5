"""Traces over OTLP: one for each request, from its headers through the queue to the inference of each text.

Off unless a collector is named, and free then: OpenTelemetry is not even imported. What travels in a message is the
W3C trace context (https://www.w3.org/TR/trace-context/) of the request that asked for a text first.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from shared.errors import SentimentError
from shared.settings import Settings

traceparent: ContextVar[str] = ContextVar("traceparent", default="")
"""The trace that the current code works for, to be sent along; empty without one."""


class Tracing:
    """Makes spans and sends them in the background.

    Args:
        settings: where to, and how many.
        service: who is speaking: ``sentiment-api`` or ``sentiment-worker``.

    Raises:
        SentimentError: OpenTelemetry is not installed.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
        except ImportError:
            raise SentimentError("SENTIMENT_OTLP_ENDPOINT is set, but the tracing extra is not installed") from None
        resource = Resource.create({"service.name": service, "service.namespace": settings.namespace})
        self._provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(settings.trace_share)))
        exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
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

    def close(self) -> None:
        """Send what is left; waits for the collector, but not for long."""
        self._provider.shutdown()


def start_tracing(settings: Settings, service: str) -> Tracing | None:
    """Return what makes spans; None if nobody takes them."""
    return Tracing(settings, service) if settings.otlp_endpoint else None


def inference_span(
    tracing: Tracing | None, parent: str, attributes: Mapping[str, str | int]
) -> AbstractContextManager[Any]:
    """Span an inference if there is a trace that it belongs to."""
    return tracing.inference(parent, attributes) if tracing and parent else nullcontext()
