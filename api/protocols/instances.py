"""``instances`` in and ``predictions`` out: KServe's first protocol, and ``/invocations`` of MLflow and SageMaker.

A prediction is an object of probabilities by label, the highest first, because clients that guard language models read
each entry's value as a number.
"""

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model, model_validator
from pydantic_core import PydanticCustomError, to_json

from api.dispatch.predictor import Answers
from api.errors.shapes import ErrorShape
from api.protocols.faults import PlainError, write_plain
from api.protocols.kind import ClientProtocol, Kind, Need, Page, Question, Reply
from api.protocols.scores import ranked
from api.protocols.texts import texts_type
from shared.contract.card import ModelCard
from shared.process.settings import Settings


class InstancesRequest(BaseModel):
    """The base of a request, without the limits."""

    model_config = ConfigDict(strict=True)

    instances: list[str] | None = None
    inputs: list[str] | None = None

    @model_validator(mode="after")
    def _one_is_given(self) -> "InstancesRequest":
        if (self.instances is None) == (self.inputs is None):
            raise PydanticCustomError("one_of", "Send instances or inputs, a list of texts")
        return self


class Predictions(BaseModel):
    """The probabilities of each text by label, the highest first."""

    predictions: list[dict[str, float]]


class KserveModel(BaseModel):
    """The readiness of a model."""

    name: str
    ready: bool


class KserveModels(BaseModel):
    """The names of the model."""

    models: list[str]


def kserve(settings: Settings) -> ClientProtocol:
    """Return the routes of KServe's first protocol."""
    base = f"{settings.path_prefix}/v1"
    models = f"{base}/models"
    names = settings.model_names
    return ClientProtocol(
        kinds=tuple(
            _kind("kserve_predict", f"{models}/{name}:predict", settings, described=name == names[0]) for name in names
        ),
        pages=(
            Page(
                "kserve_models", models, "The names of the model", Need.LIFE, lambda _: {"models": names}, KserveModels
            ),
            *(
                Page(
                    "kserve_model",
                    f"{models}/{name}",
                    "A worker can compute answers",
                    Need.WORKER,
                    lambda _, name=name: {"name": name, "ready": True},  # type: ignore[misc]
                    KserveModel,
                    described=name == names[0],
                )
                for name in names
            ),
        ),
        errors=_errors((base,), f"{models}/{names[0]}:predict"),
    )


def invocations(settings: Settings) -> ClientProtocol:
    """Return the routes ``/invocations`` and ``/ping``."""
    path, ping = f"{settings.path_prefix}/invocations", f"{settings.path_prefix}/ping"
    return ClientProtocol(
        kinds=(_kind("invocations", path, settings),),
        pages=(Page("ping", ping, "A worker can compute answers", Need.WORKER),),
        errors=_errors((path, ping), path),
    )


def _kind(name: str, path: str, settings: Settings, *, described: bool = True) -> Kind:
    texts = (texts_type(settings) | None, None)
    request = create_model("InstancesRequest", __base__=InstancesRequest, instances=texts, inputs=texts)
    return Kind(
        name=name,
        path=path,
        summary="Classify texts as instances",
        request=TypeAdapter(request),
        read=_read,
        answer=Predictions,
        described=described,
    )


def _read(request: InstancesRequest) -> Question:
    return Question(request.inputs or [] if request.instances is None else request.instances, _write)


def _write(answers: Answers, _card: ModelCard | None) -> Reply:
    predictions = [{entry["label"]: entry["score"] for entry in ranked(record)} for record in answers.records]
    return Reply(to_json({"predictions": predictions}))


def _errors(bases: tuple[str, ...], path: str) -> ErrorShape:
    return ErrorShape(bases, write_plain, PlainError, f"Predictions are at POST {path}.", {"invalid-request": 400})
