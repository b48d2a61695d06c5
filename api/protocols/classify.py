"""``/classify`` of vLLM and SGLang, and that of Infinity, which has the same request and another answer."""

import time
from collections.abc import Sequence
from functools import partial
from secrets import token_hex
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model
from pydantic_core import to_json

from api.dispatch.predictor import Answers
from api.errors.problems import ModelUnknownError
from api.errors.shapes import ErrorShape
from api.protocols.faults import InfinityError, NestedError, write_infinity, write_nested
from api.protocols.kind import ClientProtocol, Kind, Need, Page, Question, Reply, require_card
from api.protocols.scores import activated, by_label, ranked, tokens_of
from api.protocols.texts import list_of, one_or_many, text_type, texts_type
from shared.contract.card import ModelCard
from shared.process.settings import Settings

_ANY_MODEL: Final = "default/not-specified"
"""Name of the model in a request of Infinity's clients that names none."""
_UNKNOWN: Final = {"model-unknown": "The model has another name"}
_READY: Final = "A worker can compute answers"
_OF_VLLM: Final = {"invalid-request": 400}
_OF_INFINITY: Final = {"model-unknown": 400, "overloaded": 429}


class ClassifyRequest(BaseModel):
    """The base of a request of vLLM's clients, without the limits."""

    model_config = ConfigDict(strict=True)

    model: str | None = None
    input: str | list[str]


class InfinityRequest(BaseModel):
    """The base of a request of Infinity's clients, without the limits."""

    model_config = ConfigDict(strict=True)

    model: str = _ANY_MODEL
    input: list[str]
    raw_scores: bool = False


class Usage(BaseModel):
    """Numbers of tokens that the model has read."""

    prompt_tokens: int
    total_tokens: int


class VllmUsage(Usage):
    """Numbers of tokens; none are generated."""

    completion_tokens: int
    prompt_tokens_details: dict[str, int] | None


class Classified(BaseModel):
    """The label of one text, and the probabilities in the order of the model's labels."""

    index: int
    label: str
    probs: list[float]
    num_classes: int


class VllmAnswer(BaseModel):
    """An answer of vLLM."""

    id: str
    object: Literal["list"]
    created: int
    model: str
    data: list[Classified]
    usage: VllmUsage


class Scored(BaseModel):
    """One label with its score."""

    score: float
    label: str


class InfinityAnswer(BaseModel):
    """An answer of Infinity."""

    object: Literal["classify"]
    data: list[list[Scored]]
    model: str
    usage: Usage
    id: str
    created: int


class InfinityHealth(BaseModel):
    """The time of the answer, in seconds since 1970."""

    unix: float


class InfinityModel(BaseModel):
    """A name of the model."""

    id: str
    stats: dict[str, float]
    object: Literal["model"]
    owned_by: str
    created: int
    backend: str
    capabilities: list[str]


class InfinityModels(BaseModel):
    """The names of the model."""

    data: list[InfinityModel]
    object: Literal["list"]


def vllm(settings: Settings) -> ClientProtocol:
    """Return the routes of vLLM's and SGLang's clients."""
    base = f"{settings.path_prefix}/vllm"
    given = one_or_many(text_type(settings), texts_type(settings))
    request = TypeAdapter(create_model("ClassifyRequest", __base__=ClassifyRequest, input=(given, ...)))
    kinds = tuple(
        Kind(
            name=name,
            path=f"{base}{path}",
            summary="Classify texts",
            request=request,
            read=partial(_read_vllm, settings.model_names),
            answer=VllmAnswer,
            refusals=_UNKNOWN,
        )
        for name, path in (("vllm_classify", "/classify"), ("sglang_classify", "/v1/classify"))
    )
    errors = ErrorShape((base,), write_nested, NestedError, f"Predictions are at POST {base}/classify.", _OF_VLLM)
    return ClientProtocol(kinds, (Page("vllm_health", f"{base}/health", _READY, Need.WORKER),), errors)


def infinity(settings: Settings) -> ClientProtocol:
    """Return the routes of Infinity's clients."""
    base = f"{settings.path_prefix}/infinity"
    texts = list_of(text_type(settings), settings.max_texts, least=1)
    kind = Kind(
        name="infinity_classify",
        path=f"{base}/classify",
        summary="Classify texts",
        request=TypeAdapter(create_model("InfinityRequest", __base__=InfinityRequest, input=(texts, ...))),
        read=partial(_read_infinity, settings.model_names),
        answer=InfinityAnswer,
        refusals=_UNKNOWN,
    )
    pages = (
        Page("infinity_health", f"{base}/health", _READY, Need.WORKER, lambda _: {"unix": time.time()}, InfinityHealth),
        Page(
            "infinity_models",
            f"{base}/models",
            "The names of the model",
            Need.LIFE,
            partial(_models, settings.model_names),
            InfinityModels,
        ),
    )
    guide = f"Predictions are at POST {base}/classify."
    errors = ErrorShape((base,), write_infinity, InfinityError, guide, _OF_INFINITY)
    return ClientProtocol((kind,), pages, errors)


def _read_vllm(names: Sequence[str], request: ClassifyRequest) -> Question:
    model = names[0] if request.model is None else request.model
    if model not in names:
        raise ModelUnknownError(names)
    texts = [request.input] if isinstance(request.input, str) else request.input
    return Question(texts, partial(_write_vllm, model))


def _read_infinity(names: Sequence[str], request: InfinityRequest) -> Question:
    if request.model not in (*names, _ANY_MODEL):
        raise ModelUnknownError(names)
    return Question(request.input, partial(_write_infinity, names[0], request.raw_scores))


def _write_vllm(model: str, answers: Answers, card: ModelCard | None) -> Reply:
    card = require_card(card)
    data = [
        {
            "index": index,
            "label": ranked(record)[0]["label"],
            "probs": by_label(record, card),
            "num_classes": len(card.labels),
        }
        for index, record in enumerate(answers.records)
    ]
    document = {
        "id": f"classify-{token_hex(16)}",
        "object": "list",
        "created": int(time.time()),
        "model": model,
        "data": data,
        "usage": {**_usage(answers), "completion_tokens": 0, "prompt_tokens_details": None},
    }
    return Reply(to_json(document))


def _write_infinity(model: str, raw: bool, answers: Answers, card: ModelCard | None) -> Reply:  # noqa: FBT001
    scores = [activated(record, require_card(card), "none") if raw else ranked(record) for record in answers.records]
    document = {
        "object": "classify",
        "data": [[{"score": entry["score"], "label": entry["label"]} for entry in entries] for entries in scores],
        "model": model,
        "usage": _usage(answers),
        "id": f"infinity-{_uuid()}",
        "created": int(time.time()),
    }
    return Reply(to_json(document))


def _uuid() -> str:
    """Return a random UUID of version 4, in a third of the time of `uuid.uuid4`."""
    digits = token_hex(16)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _usage(answers: Answers) -> dict[str, int | None]:
    tokens = tokens_of(answers.records)
    return {"prompt_tokens": tokens, "total_tokens": tokens}


def _models(names: Sequence[str], _card: ModelCard | None) -> dict[str, Any]:
    data = [
        {
            "id": name,
            "stats": {},
            "object": "model",
            "owned_by": "sentiment",
            "created": int(time.time()),
            "backend": "sentiment",
            "capabilities": ["classify"],
        }
        for name in names
    ]
    return {"data": data, "object": "list"}
