"""Hugging Face's Inference API, and text-embeddings-inference (TEI), which serves many of its endpoints.

One text is answered nested, ``[[…]]``, if the request has `parameters`, as Hugging Face's clients expect, and flat,
``[…]``, without them, as TEI does.
"""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, TypeAdapter, create_model
from pydantic_core import PydanticCustomError, to_json
from typing_extensions import TypeAliasType

from api.dispatch.predictor import Answers
from api.errors.problems import EmptyInputError
from api.errors.shapes import ErrorShape, Fault
from api.protocols.huggingface_schemas import (
    Classifications,
    HuggingFaceError,
    HuggingFaceRequest,
    ModelInfo,
    Options,
    TeiRequest,
)
from api.protocols.kind import ClientProtocol, Kind, Need, Page, Question, Reply, require_card
from api.protocols.scores import Activation, activated, own_activation, ranked, require_whole, tokens_of
from api.protocols.texts import list_of, one_or_many, text_type, texts_type
from api.version import VERSION
from shared.contract.card import ModelCard
from shared.contract.record import Record
from shared.process.settings import Settings

_STATUSES: Final = {
    # Hugging Face's JavaScript client repeats a request that got 503 at once and for ever. TEI uses 429 and 424.
    "overloaded": HTTPStatus.TOO_MANY_REQUESTS,
    "no-worker": HTTPStatus.FAILED_DEPENDENCY,
    "queue-unavailable": HTTPStatus.FAILED_DEPENDENCY,
    "labels-changed": HTTPStatus.FAILED_DEPENDENCY,
    "inference-failed": HTTPStatus.FAILED_DEPENDENCY,
}
_TYPES: Final = {
    HTTPStatus.BAD_REQUEST: "empty",
    HTTPStatus.FAILED_DEPENDENCY: "backend",
    HTTPStatus.TOO_MANY_REQUESTS: "overloaded",
    HTTPStatus.INTERNAL_SERVER_ERROR: "backend",
    HTTPStatus.SERVICE_UNAVAILABLE: "unhealthy",
    HTTPStatus.GATEWAY_TIMEOUT: "overloaded",
}
_TIMES: Final = (b"x-compute-time", b"x-total-time", b"x-tokenization-time", b"x-queue-time", b"x-inference-time")
_NO_TIMES: Final = tuple((name, b"0") for name in _TIMES)
_PAIR: Final = (
    "A list of two strings is one pair for text-embeddings-inference, and this service classifies single texts. "
    'A batch is a list of lists: [["first text"], ["second text"]]'
)
_LIST: Final = (
    'A batch is a list of lists: [["first text"], ["second text"]]; a list of strings would be one pair of texts for '
    "text-embeddings-inference. With Hugging Face's path (/hf) a list of strings is a batch"
)


class _Form(NamedTuple):
    """The form of an answer."""

    nested: bool
    characters: int
    top_k: int | None = None
    activation: Activation | None = None
    whole: bool = False
    """Whether a truncated text is refused."""


def hugging_face(settings: Settings) -> ClientProtocol:
    """Return the route for clients of Hugging Face's Inference API."""
    base = f"{settings.path_prefix}/hf"
    inputs = one_or_many(text_type(settings), texts_type(settings))
    kind = Kind(
        name="hugging_face",
        path=base,
        summary="Classify texts, for Hugging Face's clients",
        request=TypeAdapter(create_model("HuggingFaceRequest", __base__=HuggingFaceRequest, inputs=(inputs, ...))),
        read=_read_hugging_face,
        answer=Classifications,
    )
    return ClientProtocol((kind,), _pages("hugging_face", base, settings), _errors(base, f"POST {base}"))


def tei(settings: Settings) -> ClientProtocol:
    """Return the routes for clients of text-embeddings-inference."""
    base = f"{settings.path_prefix}/tei"
    text = text_type(settings)
    alone = Annotated[list_of(text, most=1, least=1), BeforeValidator(_alone)]  # type: ignore[valid-type]
    inputs = one_or_many(text, TypeAliasType("TextBatch", list_of(alone, settings.max_texts)))
    kind = Kind(
        name="tei_predict",
        path=f"{base}/predict",
        summary="Classify texts, for clients of text-embeddings-inference",
        request=TypeAdapter(create_model("TeiRequest", __base__=TeiRequest, inputs=(inputs, ...))),
        read=_read_tei,
        answer=Classifications,
        refusals={"empty-input": "There is no text, or an empty one"},
    )
    return ClientProtocol((kind,), _pages("tei", base, settings), _errors(base, f"POST {base}/predict"))


def _alone(value: object) -> object:
    """Return a batch's entry; a string, or a list of two, gets an error that says how a batch is written."""
    if isinstance(value, str):
        raise PydanticCustomError("list_of_strings", _LIST)
    if isinstance(value, list) and len(value) == len(("first", "second")):
        raise PydanticCustomError("pair", _PAIR)
    return value


def _read_hugging_face(request: HuggingFaceRequest) -> Question:
    parameters = request.parameters
    single = isinstance(request.inputs, str)
    texts = [request.inputs] if isinstance(request.inputs, str) else request.inputs
    top_k, activation = (parameters.top_k, parameters.function_to_apply) if parameters else (None, None)
    return _ask(texts, request, nested=not single or parameters is not None, top_k=top_k, activation=activation)


def _read_tei(request: TeiRequest) -> Question:
    single = isinstance(request.inputs, str)
    texts = [request.inputs] if isinstance(request.inputs, str) else [text for (text,) in request.inputs]
    if not texts or not all(texts):
        raise EmptyInputError
    return _ask(texts, request, nested=not single)


def _ask(
    texts: list[str],
    request: Options,
    *,
    nested: bool,
    top_k: int | None = None,
    activation: Activation | None = None,
) -> Question:
    activation = "none" if request.raw_scores else activation
    form = _Form(nested, sum(map(len, texts)), top_k, activation, request.truncate is False)
    return Question(texts, partial(_write, form))


def _write(form: _Form, answers: Answers, card: ModelCard | None) -> Reply:
    records = answers.records
    if form.whole:
        require_whole(records)
    entries = [_scores(record, form, card) for record in records]
    body = b"[%b]" % b",".join(entries) if form.nested else entries[0]
    return Reply(body, _headers(form.characters, answers))


def _scores(record: Record, form: _Form, card: ModelCard | None) -> bytes:
    activation = form.activation
    if activation is not None:
        card = require_card(card)
        if activation != own_activation(card):
            return to_json(activated(record, card, activation)[: form.top_k])
    return record.body if form.top_k is None else to_json(ranked(record)[: form.top_k])


def _headers(characters: int, answers: Answers) -> tuple[tuple[bytes, bytes], ...]:
    """Return TEI's headers. Times are in whole milliseconds; tokenizing is part of the inference."""
    counts = (
        (b"x-compute-type", b"cpu"),
        (b"x-compute-characters", b"%d" % characters),
        (b"x-compute-tokens", b"%d" % tokens_of(answers.records)),
    )
    if not answers.lookup and not answers.wait:
        return counts + _NO_TIMES
    total = b"%d" % ((answers.lookup + answers.wait) * 1000)
    return (
        *counts,
        (b"x-compute-time", total),
        (b"x-total-time", total),
        (b"x-tokenization-time", b"0"),
        (b"x-queue-time", b"%d" % (max(0.0, answers.wait - answers.inference) * 1000)),
        (b"x-inference-time", b"%d" % (answers.inference * 1000)),
    )


def _pages(name: str, base: str, settings: Settings) -> tuple[Page, ...]:
    return (
        Page(
            f"{name}_info", f"{base}/info", "The model and the limits", Need.CARD, partial(_info, settings), ModelInfo
        ),
        Page(f"{name}_health", f"{base}/health", "A worker can compute answers", Need.WORKER),
    )


def _info(settings: Settings, card: ModelCard | None) -> dict[str, Any]:
    card = require_card(card)
    numbered = {str(number): label for number, label in enumerate(card.labels)}
    return {
        "model_id": card.source or card.name,
        "model_sha": card.version,
        "model_dtype": card.precision,
        "served_model_name": settings.model_names[0],
        "model_type": {
            "classifier": {"id2label": numbered, "label2id": {label: int(key) for key, label in numbered.items()}}
        },
        "max_concurrent_requests": None,
        "max_input_length": card.max_tokens,
        "max_input_characters": settings.max_chars,
        "max_batch_tokens": None,
        "max_batch_requests": None,
        "max_client_batch_size": settings.max_texts,
        "payload_limit": settings.max_body_bytes,
        "auto_truncate": True,
        "tokenization_workers": None,
        "version": VERSION,
        "sha": None,
        "docker_label": None,
    }


def _errors(base: str, route: str) -> ErrorShape:
    return ErrorShape((base,), _write_error, HuggingFaceError, f"Predictions are at {route}.", _STATUSES)


def _write_error(fault: Fault) -> Mapping[str, Any]:
    return {"error": fault.message, "error_type": _TYPES.get(HTTPStatus(fault.status), "validation")}
