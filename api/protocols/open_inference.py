"""The Open Inference Protocol, version 2, which Triton, KServe and MLServer speak (KServe: V2)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from pydantic_core import to_json

from api.dispatch.predictor import Answers
from api.errors.problems import InvalidRequestError
from api.errors.shapes import ErrorShape
from api.protocols.faults import PlainError, write_plain
from api.protocols.kind import BINARY_HEADER, ClientProtocol, Kind, Need, Page, Question, Reply, require_card
from api.protocols.open_inference_schemas import (
    InferenceRequest,
    InferenceResponse,
    InputTensor,
    ModelMetadata,
    ModelReady,
    RequestedOutput,
    ServerLive,
    ServerMetadata,
    ServerReady,
    inference_request,
)
from api.protocols.tensors import DEFAULTS, OUTPUTS, USUAL, detach, refusal, unpack
from api.protocols.texts import texts_type
from api.version import VERSION
from shared.contract.card import ModelCard
from shared.process.settings import Settings

_EXTENSIONS: Final = ("classification", "binary_tensor_data", "parameters")
_INPUT: Final = {"name": "text", "datatype": "BYTES", "shape": [-1]}
_BINARY: Final = b"application/octet-stream"


class _Wanted(NamedTuple):
    """An output that a request wants."""

    name: str
    binary: bool = False
    classes: int = 0


_USUAL: Final = tuple(map(_Wanted, USUAL))
_DEFAULTS: Final = {given: tuple(map(_Wanted, names)) for given, names in DEFAULTS.items()}


class _Form(NamedTuple):
    """The form of an answer."""

    model: str
    identity: str | None
    column: bool
    """Whether the input had the shape [n, 1], which the outputs then have as well."""
    wanted: tuple[_Wanted, ...]


class _Reader:
    """Reads the requests for one name of the model.

    Args:
        settings: the limits.
        model: the name, which the answers have.
    """

    def __init__(self, settings: Settings, model: str) -> None:
        self._model = model
        self._most = settings.max_texts
        self.request = TypeAdapter(inference_request(settings))
        self._texts = TypeAdapter(texts_type(settings))

    def read(self, request: InferenceRequest) -> Question:
        """Read a request whose data are in its JSON."""
        (tensor,) = request.inputs
        if tensor.data is None:
            raise refusal(f"Send data, or binary data with the header {BINARY_HEADER}")
        return self._ask(request, tensor, [text if isinstance(text, str) else text[0] for text in tensor.data])

    def read_binary(self, length: int, body: bytes) -> Question:
        """Read a request whose data stand behind its JSON."""
        request: InferenceRequest = self.request.validator.validate_json(body[:length])
        (tensor,) = request.inputs
        data = body[length:]
        if tensor.data is not None and not data:
            return self.read(request)
        size = tensor.parameters.binary_data_size if tensor.parameters else None
        if size != len(data):
            raise refusal(f"binary_data_size is {size}, and {len(data)} bytes stand behind the JSON")
        return self._ask(request, tensor, self._texts.validate_python(unpack(data, self._most)))

    def _ask(self, request: InferenceRequest, tensor: InputTensor, texts: list[str]) -> Question:
        if tensor.shape not in ([len(texts)], [len(texts), 1]):
            raise refusal(f"The shape is {tensor.shape}, and there are {len(texts)} texts: send [n] or [n, 1]")
        form = _Form(self._model, request.id, len(tensor.shape) > 1, _wanted(request, tensor.name))
        return Question(texts, partial(_write, form))


def _wanted(request: InferenceRequest, name: str) -> tuple[_Wanted, ...]:
    binary = bool(request.parameters and request.parameters.binary_data_output)
    if request.outputs:
        return tuple(_want(output, binary=binary) for output in request.outputs)
    wanted = _DEFAULTS.get(name, _USUAL)
    return tuple(plain._replace(binary=True) for plain in wanted) if binary else wanted


def _want(output: RequestedOutput, *, binary: bool) -> _Wanted:
    known = OUTPUTS.get(output.name)
    if known is None:
        raise _unexpected(f"Unexpected output; there are {', '.join(OUTPUTS)}")
    parameters = output.parameters
    if parameters is None:
        return _Wanted(output.name, binary, 0)
    if parameters.classification and not known.labelled:
        raise _unexpected("The classification extension needs the output probabilities or logits")
    own = parameters.binary_data
    return _Wanted(output.name, binary if own is None else own, parameters.classification or 0)


def _unexpected(message: str) -> InvalidRequestError:
    return InvalidRequestError([{"location": "body.outputs", "message": message}])


def _write(form: _Form, answers: Answers, card: ModelCard | None) -> Reply:
    card, records = require_card(card), answers.records
    outputs, behind = [], []
    for name, binary, classes in form.wanted:
        entry = OUTPUTS[name].entry(name, records, card, classes=classes, column=form.column)
        outputs.append(entry)
        if binary:
            behind.append(detach(entry))
    document: dict[str, Any] = {"model_name": form.model, "model_version": card.version}
    if form.identity is not None:
        document["id"] = form.identity
    document["outputs"] = outputs
    head = to_json(document)
    if not behind:
        return Reply(head)
    length = (BINARY_HEADER.lower().encode(), b"%d" % len(head))
    return Reply(b"".join((head, *behind)), (length,), _BINARY)


def open_inference(settings: Settings) -> ClientProtocol:
    """Return the routes of the protocol."""
    base = f"{settings.path_prefix}/v2"
    names = settings.model_names
    kinds: list[Kind] = []
    pages = [*_server_pages(base, names[0])]
    for name in names:
        path, described = f"{base}/models/{name}", name == names[0]
        kinds += _kinds(settings, path, name, described=described)
        pages += _model_pages(path, name, described=described)
    errors = ErrorShape(
        (base,),
        write_plain,
        PlainError,
        f"Predictions are at POST {base}/models/{names[0]}/infer.",
        {"invalid-request": 400},
    )
    return ClientProtocol(tuple(kinds), tuple(pages), errors)


def _kinds(settings: Settings, path: str, name: str, *, described: bool) -> Sequence[Kind]:
    reader = _Reader(settings, name)
    return [
        Kind(
            name=operation,
            path=f"{path}{version}/infer",
            summary="Classify a tensor of texts",
            request=reader.request,
            read=reader.read,
            answer=InferenceResponse,
            refusals={"model-unknown": "This version is not served"} if version else {},
            described=described,
            binary=reader.read_binary,
        )
        for operation, version in (("infer", ""), ("infer_version", "/versions/{version}"))
    ]


def _server_pages(base: str, name: str) -> Sequence[Page]:
    server = {"name": name, "version": VERSION, "extensions": _EXTENSIONS}
    return (
        Page(
            "server_live", f"{base}/health/live", "The process answers", Need.LIFE, lambda _: {"live": True}, ServerLive
        ),
        Page(
            "server_ready",
            f"{base}/health/ready",
            "A worker can compute answers",
            Need.WORKER,
            lambda _: {"ready": True},
            ServerReady,
        ),
        Page("server_metadata", base, "The server and its extensions", Need.LIFE, lambda _: server, ServerMetadata),
    )


def _model_pages(path: str, name: str, *, described: bool) -> Sequence[Page]:
    pages = []
    for suffix, version in (("", ""), ("_version", "/versions/{version}")):
        pages += [
            Page(
                f"model_metadata{suffix}",
                f"{path}{version}",
                "The model, its inputs and outputs",
                Need.CARD,
                partial(_metadata, name),
                ModelMetadata,
                described,
            ),
            Page(
                f"model_ready{suffix}",
                f"{path}{version}/ready",
                "A worker can compute answers",
                Need.WORKER,
                lambda _: {"name": name, "ready": True},
                ModelReady,
                described,
            ),
        ]
    return pages


def _metadata(name: str, card: ModelCard | None) -> dict[str, Any]:
    card = require_card(card)
    outputs = [
        {"name": output, "datatype": known.datatype, "shape": [-1, len(card.labels)] if known.labelled else [-1]}
        for output, known in OUTPUTS.items()
    ]
    return {
        "name": name,
        "versions": [card.version],
        "platform": card.architecture,
        "inputs": [_INPUT],
        "outputs": outputs,
        "parameters": {"labels": card.labels, "task": card.task, "max_tokens": card.max_tokens},
    }
