"""The JSON of the HTTP contract."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypeAliasType

from shared.process.settings import Settings

_GOOD = "A gripping, beautifully acted film."
_OPTIONAL = "Only if the request has details=1; null for a text without a prediction"
_BAD = "Two hours that I will never get back."


class LabelScore(BaseModel):
    """One label with its score. The scores of all labels add up to 1, unless the model is multi-label."""

    label: Annotated[str, Field(description="A label of the active model; /stats lists them")]
    score: Annotated[float, Field(ge=0, le=1, description="In a multi-label model, the label's own probability")]


LabelScores = TypeAliasType("LabelScores", list[LabelScore])
"""The labels of one text. Lists that are a member of a union have names, because generated Java needs a class."""


class TextFailure(BaseModel):
    """The reason why one text of a batch has no prediction."""

    code: str
    detail: str


class TextError(BaseModel):
    """The entry of a text whose inference failed, in an answer with predictions for other texts."""

    error: TextFailure


TextResult = TypeAliasType("TextResult", LabelScores | TextError)
"""The prediction of one text, or the reason why there is none."""


class Details(BaseModel):
    """Facts of a text's forward pass; each is null if the engine does not tell it."""

    tokens: Annotated[int | None, Field(description="Tokens that the model has read, special ones included")]
    truncated: Annotated[bool | None, Field(description="Whether the text has more tokens than the model reads")]
    unknown_share: Annotated[
        float | None, Field(ge=0, le=1, description="Share of the read tokens that the model's vocabulary lacks")
    ]


class Prediction(BaseModel):
    """The labels with their scores, the highest score first."""

    prediction: Annotated[list[LabelScore], Field(min_length=1)]
    details: Annotated[Details | None, Field(description=_OPTIONAL)] = None


class BulkPrediction(BaseModel):
    """One entry for each text, in the order of the texts."""

    predictions: list[TextResult]
    details: Annotated[list[Details | None], Field(description=_OPTIONAL)] = []


class Progress(BaseModel):
    """The number of a job's texts that have an answer or an error, and the number of all its texts."""

    done: int
    total: int


class JobUrls(BaseModel):
    """Paths of a job's routes."""

    self: str
    results: str
    cancel: str


class JobDocument(BaseModel):
    """The state of a job."""

    id: str
    status: Literal["queued", "processing", "succeeded", "failed", "canceled"]
    progress: Progress
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: Annotated[datetime | None, Field(description="Time of its deletion; null until it has ended")]
    urls: JobUrls


class JobResults(BaseModel):
    """Some results of a job, in the order of its texts; null for a text without a result."""

    id: str
    status: Literal["queued", "processing", "succeeded", "failed", "canceled"]
    progress: Progress
    offset: int
    next: Annotated[str | None, Field(description="Path of the following results; null after the last")]
    predictions: list[TextResult | None]
    details: Annotated[list[Details | None], Field(description=_OPTIONAL)] = []


class ServingEngine(BaseModel):
    """The engine of some model processes, the implementation that it has chosen there, and their number."""

    engine: str
    variant: str
    workers: int


class Health(BaseModel):
    """The state of the service and of its parts."""

    status: Literal["ok"]
    parts: dict[str, str]
    engines: list[ServingEngine]
    warnings: list[str] = []


class Alive(BaseModel):
    """The answer of a successful probe."""

    status: Literal["ok"]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    request_id: str


class _One(BaseModel):
    text: str


class _Many(BaseModel):
    text: list[str]


def single_request(settings: Settings) -> TypeAdapter[_One]:
    """Return the validator of ``{"text": "…"}`` with the limits of the settings."""
    text = Annotated[str, Field(max_length=settings.max_chars, examples=[_GOOD])]
    return _adapter("PredictRequest", _One, text, {"text": _GOOD})


def bulk_request(settings: Settings) -> TypeAdapter[_Many]:
    """Return the validator of ``{"text": ["…", …]}`` with the limits of a batch."""
    text = Annotated[str, Field(max_length=settings.max_chars)]
    texts = Annotated[list[text], Field(max_length=settings.max_texts)]
    return _adapter("BulkPredictRequest", _Many, texts, {"text": [_GOOD, _BAD]})


def job_request(settings: Settings) -> TypeAdapter[_Many]:
    """Return the validator of ``{"text": ["…", …]}`` with the limits of a job."""
    text = Annotated[str, Field(max_length=settings.max_chars)]
    texts = Annotated[list[text], Field(max_length=settings.max_job_texts)]
    return _adapter("JobRequest", _Many, texts, {"text": [_GOOD, _BAD]})


def _adapter(name: str, base: type[Any], text: Any, example: dict[str, Any]) -> TypeAdapter[Any]:
    config = ConfigDict(json_schema_extra={"examples": [example]}, title=name)
    namespace = {"__annotations__": {"text": text}, "__module__": __name__, "model_config": config}
    return TypeAdapter(type(base.__name__, (base,), namespace))
