"""The service's answers as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Prediction:
    """One text's answer."""

    label: str
    """``POSITIVE`` or ``NEGATIVE``, the one with the higher score."""
    score: float
    """Its score, 0.5 to 1."""
    scores: Mapping[str, float]
    """Both labels' scores; they add up to 1."""


@dataclass(frozen=True, slots=True)
class TextFailure:
    """Why a text has no prediction while others have one."""

    code: str
    """``inference-failed``, ``inference-crashed``, or what the client found itself: ``no-text`` (None, a number, …),
    ``text-too-long``, ``not-unicode``, ``invalid-text`` (the service would not take it)."""
    detail: str
    """One sentence for people; never the text."""
    index: int | None = field(default=None, compare=False)
    """Place of the text among those that were given, from 0; None where a failure stands alone."""


Outcome = Prediction | TextFailure
"""Answer to one text."""


def numbered(outcome: Outcome, index: int) -> Outcome:
    """Return an outcome; a failure with the place of its text."""
    return replace(outcome, index=index) if isinstance(outcome, TextFailure) else outcome


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to one request."""

    outcomes: tuple[Outcome, ...]
    """One for each text, in order."""
    computed: int
    """Distinct texts that had to be computed; the others came from a cache."""
    request_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job at one moment."""

    id: str
    status: str
    """``queued``, ``processing``, ``succeeded``, ``failed`` (no text could be answered) or ``canceled``."""
    done: int
    """Texts that have an answer or an error."""
    total: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    """When it will be gone; None until it has ended."""
    replayed: bool = False
    """Whether its idempotency key had been used before, so that nothing new was accepted."""

    @property
    def ended(self) -> bool:
        """Whether it changes no more."""
        return self.status not in {"queued", "processing"}


@dataclass(frozen=True, slots=True)
class Service:
    """The description of a service; numbers that it does not give are those of this version."""

    version: str = ""
    """Empty if it does not say."""
    max_texts: int = 128
    """Most texts in a request."""
    max_job_texts: int = 10_000
    """Most texts in a job."""
    max_chars: int = 10_000
    """Most characters in a text."""


@dataclass(frozen=True, slots=True)
class ServingEngine:
    """An engine that runs the model."""

    name: str
    variant: str
    """The implementation that it has chosen for its processor; may be empty."""
    workers: int
    """Model processes that have it."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the whole path works."""

    ok: bool
    parts: Mapping[str, str]
    """``ok`` or what is wrong, by part: broker, cache, worker."""
    warnings: tuple[str, ...] = ()
    """Unsafe settings of a Redis that works."""
    engines: tuple[ServingEngine, ...] = ()
    """Empty while something is missing, and where an earlier release serves."""


def outcome_from(document: Any) -> Outcome | None:
    """Read one text's part of an answer; None for a text that has none (yet).

    Raises:
        LookupError, TypeError, ValueError: it is of another form.
    """
    if document is None:
        return None
    if isinstance(document, dict):
        return TextFailure(str(document["error"]["code"]), str(document["error"]["detail"]))
    scores = {str(entry["label"]): float(entry["score"]) for entry in document}
    label = str(document[0]["label"])
    return Prediction(label, scores[label], scores)


def job_from(document: Any, *, replayed: bool = False) -> Job:
    """Read a job; raises as `outcome_from`."""
    progress = document["progress"]
    return Job(
        id=str(document["id"]),
        status=str(document["status"]),
        done=int(progress["done"]),
        total=int(progress["total"]),
        created_at=datetime.fromisoformat(document["created_at"]),
        started_at=_time(document["started_at"]),
        completed_at=_time(document["completed_at"]),
        expires_at=_time(document["expires_at"]),
        replayed=replayed,
    )


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def service_from(document: Any, prefix: str) -> Service:
    """Read the service's OpenAPI description; what it lacks stays as this version has it."""
    usual = Service()
    many, jobs = (_texts(document, f"{prefix}/{route}") for route in ("bulk-predict", "jobs"))
    return Service(
        version=str(document["info"]["version"]),
        max_texts=int(many.get("maxItems", usual.max_texts)),
        max_job_texts=int(jobs.get("maxItems", usual.max_job_texts)),
        max_chars=int(many.get("items", {}).get("maxLength", usual.max_chars)),
    )


def _texts(document: Any, path: str) -> dict[str, Any]:
    """Return the schema of a route's list of texts, or nothing."""
    found = document["paths"]
    for name in (path, "post", "requestBody", "content", "application/json", "schema", "properties", "text"):
        found = found.get(name, {})
    return dict(found)
