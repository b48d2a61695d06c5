"""The service's answers as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Details:
    """Facts of the forward pass of one text; each is None where the service does not know it."""

    tokens: int | None = None
    """Tokens that the model has read, special ones included."""
    truncated: bool | None = None
    """Whether the text has more tokens than the model reads, so that its end was ignored."""
    unknown_share: float | None = None
    """Share of the read tokens that the model's vocabulary lacks, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one text."""

    label: str
    """The label with the highest score, for instance ``POSITIVE``."""
    score: float
    """The score of this label, from 0 to 1."""
    scores: Mapping[str, float]
    """The score of each label, the highest first: of all labels, or of so many as were asked for.

    The scores of all labels of a single-label model add up to 1; in a multi-label model each is a probability of its
    own.
    """
    details: Details | None = None
    """Facts of the forward pass, if they were asked for and the service tells them."""

    def labels_from(self, threshold: float) -> tuple[str, ...]:
        """Return the labels whose score is not below a threshold, the highest first: those of a multi-label answer."""
        return tuple(label for label, score in self.scores.items() if score >= threshold)


@dataclass(frozen=True, slots=True)
class TextFailure:
    """The reason why a text has no prediction."""

    code: str
    """``inference-failed``, ``inference-crashed``, or a reason of the client: ``no-text`` (None, a number, …),
    ``text-too-long``, ``not-unicode``, ``invalid-text`` (the service refused it)."""
    detail: str
    """One sentence for people, without the text."""
    index: int | None = field(default=None, compare=False)
    """Index of the text among the given ones, from 0; None if there is no such list."""


Outcome = Prediction | TextFailure
"""The outcome of one text."""


def numbered(outcome: Outcome, index: int) -> Outcome:
    """Return an outcome; a failure gets the index of its text."""
    return replace(outcome, index=index) if isinstance(outcome, TextFailure) else outcome


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to one request."""

    outcomes: tuple[Outcome, ...]
    """One outcome for each text, in order."""
    computed: int
    """Number of distinct texts that had to be computed; the others came from a cache."""
    request_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a job."""

    id: str
    status: str
    """``queued``, ``processing``, ``succeeded``, ``failed`` (no text could be answered) or ``canceled``."""
    done: int
    """Number of texts that have an answer or an error."""
    total: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    """Time at which the job is deleted; None until it has ended."""
    replayed: bool = False
    """Whether the job existed already under this idempotency key, so that no new job was made."""

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.status not in {"queued", "processing"}


@dataclass(frozen=True, slots=True)
class Service:
    """The version and the limits of a service; limits that it does not announce are those of this client's version."""

    version: str = ""
    """Version of the service; empty if it is unknown."""
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
    """The health of a service."""

    ok: bool
    """Whether all parts work."""
    parts: Mapping[str, str]
    """``ok`` or the fault of each part: broker, cache, worker."""
    warnings: tuple[str, ...] = ()
    """One sentence for each unsafe setting of a Redis."""
    engines: tuple[ServingEngine, ...] = ()
    """Empty while something is missing, and where an earlier release serves."""


def outcome_from(document: Any, top_k: int | None = None, details: Any = None) -> Outcome | None:
    """Return the outcome in the JSON of one text; None if the text has no result.

    Args:
        document: the labels with their scores, an object with these labels and details, an error, or None.
        top_k: most labels; a service of an earlier release returns all.
        details: the JSON of the details, if it is not in `document`.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the JSON has another form.
    """
    if document is None:
        return None
    if isinstance(document, dict):
        if "prediction" in document:
            return outcome_from(document["prediction"], top_k, document.get("details"))
        return TextFailure(str(document["error"]["code"]), str(document["error"]["detail"]))
    scores = {str(entry["label"]): float(entry["score"]) for entry in document[:top_k]}
    label = str(document[0]["label"])
    return Prediction(label, scores[label], scores, _details(details) if details else None)


def _details(document: Any) -> Details:
    return Details(document.get("tokens"), document.get("truncated"), document.get("unknown_share"))


def job_from(document: Any, *, replayed: bool = False) -> Job:
    """Return the state of a job in its JSON; raises as `outcome_from`."""
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
    """Return the version and the limits in the service's OpenAPI description; missing limits get their defaults."""
    usual = Service()
    many, jobs = (_texts(document, f"{prefix}/{route}") for route in ("bulk-predict", "jobs"))
    return Service(
        version=str(document["info"]["version"]),
        max_texts=int(many.get("maxItems", usual.max_texts)),
        max_job_texts=int(jobs.get("maxItems", usual.max_job_texts)),
        max_chars=int(many.get("items", {}).get("maxLength", usual.max_chars)),
    )


def _texts(document: Any, path: str) -> dict[str, Any]:
    """Return the schema of a route's list of texts; empty if there is none."""
    body = _at(document, "paths", path, "post", "requestBody", "content", "application/json", "schema")
    if "$ref" in body:
        body = _at(document, *str(body["$ref"]).removeprefix("#/").split("/"))
    return _at(body, "properties", "text")


def _at(document: Any, *names: str) -> dict[str, Any]:
    for name in names:
        document = document.get(name, {})
    return dict(document)
