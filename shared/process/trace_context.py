"""W3C trace contexts (https://www.w3.org/TR/trace-context/) of the running code, in messages, logs and problems.

A context is the value of a `traceparent` header: version, trace id, span id and flags in hex, joined by hyphens.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import Final

traceparent: ContextVar[str] = ContextVar("traceparent", default="")
"""Context of the span in which the current code runs (in a worker, contexts of the requests, joined by commas); empty
without a trace."""

Attributes = Mapping[str, str | int]
"""Attributes of a span."""

_SAMPLED: Final = 1
_SPAN_BYTES: Final = 8


@contextmanager
def within(context: str) -> Iterator[None]:
    """Run the code inside this block in a trace context."""
    token = traceparent.set(context)
    try:
        yield
    finally:
        traceparent.reset(token)


def current_ids() -> dict[str, str]:
    """Return the current context as the fields `trace_id` and `span_id` of a log line; empty without a trace."""
    context = traceparent.get()
    return ids_of(context) if context else {}


def ids_of(contexts: str) -> dict[str, str]:
    """Return contexts, joined by commas, as the fields `trace_id` and `span_id`, each id once; empty without any."""
    parts = [context.split("-") for context in contexts.split(",") if context]
    columns = zip(("trace_id", "span_id"), (1, 2), strict=True)
    return {name: ",".join(dict.fromkeys(part[at] for part in parts)) for name, at in columns if parts}


def inference_context(context: str, key: str) -> str:
    """Return the context of a text's inference, which the API and the worker compute alike; empty if not traced.

    Args:
        context: context of the request for which the text is computed.
        key: key of the text.
    """
    if not context:
        return ""
    version, trace, _, flags = context.split("-")
    if not int(flags, 16) & _SAMPLED:
        return ""
    span = blake2b(f"{context} {key}".encode(), digest_size=_SPAN_BYTES).hexdigest()
    return f"{version}-{trace}-{span}-{flags}"
