"""Spans of OpenTelemetry, sent over OTLP; imported only if traces are on."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.process.settings import Settings
from shared.process.trace_context import Attributes, inference_context, within

_EXPORT_SECONDS: Final = 2
_CLOSE_SECONDS: Final = 2.0
_PROPAGATOR: Final = TraceContextTextMapPropagator()

_span_id: ContextVar[int] = ContextVar("span_id", default=0)
"""Id for the next span; 0 for a random one."""


class _Ids(RandomIdGenerator):
    def generate_span_id(self) -> int:
        return _span_id.get() or super().generate_span_id()


class Tracing:
    """Makes spans and sends them in the background.

    Args:
        settings: the collector's URL and the share of requests to trace.
        service: name of this program in traces: ``sentiment-api`` or ``sentiment-worker``.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        resource = Resource.create({"service.name": service, "service.namespace": settings.namespace})
        sampler = ParentBased(TraceIdRatioBased(settings.trace_share))
        self._provider = TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False, id_generator=_Ids())
        exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sentiment")

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
        """Open a span for a request, as a part of the caller's trace if the headers contain one.

        Args:
            headers: headers of the request, with names in lower case.
        """
        return self._open("request", _PROPAGATOR.extract(headers), SpanKind.SERVER)

    def inference(self, parent: str, key: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """Open a span for the inference of a text, with the id of `inference_context`.

        Args:
            parent: trace context of the request that needs it.
            key: key of the text.
            attributes: attributes of the span.
        """
        own = inference_context(parent, key)
        token = _span_id.set(int(own.split("-")[2], 16) if own else 0)
        try:
            span = self._tracer.start_span("inference", _context(parent), SpanKind.CONSUMER, attributes)
        finally:
            _span_id.reset(token)
        return use_span(span, end_on_exit=True)

    def chunk(self, parent: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """Open a span for a chunk of a job.

        Args:
            parent: trace context of the job's submission.
            attributes: attributes of the span.
        """
        return self._open("chunk", _context(parent), SpanKind.CONSUMER, attributes)

    def mark_failed(self, span: Span) -> None:
        """Mark a span as failed."""
        span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Send the remaining spans, waiting at most two seconds for the collector."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)

    @contextmanager
    def _open(self, name: str, parent: Context, kind: SpanKind, attributes: Attributes | None = None) -> Iterator[Span]:
        """Open a span and make it the current trace context."""
        with self._tracer.start_as_current_span(name, parent, kind, attributes) as span:
            carrier: dict[str, str] = {}
            _PROPAGATOR.inject(carrier)
            with within(carrier.get("traceparent", "")):
                yield span


def add_links(contexts: Iterable[str]) -> None:
    """Add links to other spans to the current one.

    Args:
        contexts: trace contexts of the other spans.
    """
    span = get_current_span()
    for context in contexts:
        span.add_link(get_current_span(_context(context)).get_span_context())


def _context(traceparent: str) -> Context:
    return _PROPAGATOR.extract({"traceparent": traceparent})
