"""The JSON of the Open Inference Protocol, version 2."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model
from typing_extensions import TypeAliasType

from api.protocols.texts import list_of, one_or_many, text_type
from shared.process.settings import Settings

_MOST_OUTPUTS = 16


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class InputParameters(_Strict):
    """Parameters of an input; others are ignored."""

    binary_data_size: Annotated[int | None, Field(ge=0, description="Bytes of this input behind the JSON")] = None


class OutputParameters(_Strict):
    """Parameters of a requested output; others are ignored."""

    binary_data: Annotated[bool | None, Field(description="Whether the data stand behind the JSON")] = None
    classification: Annotated[
        int | None, Field(ge=0, description='Most labels, each as "value:number:label"; 0 for the plain output')
    ] = None


class RequestParameters(_Strict):
    """Parameters of a request; others are ignored."""

    binary_data_output: Annotated[bool | None, Field(description="Whether all data stand behind the JSON")] = None


class InputTensor(_Strict):
    """An input; this base has no limits."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=2)]
    datatype: Literal["BYTES"]
    parameters: InputParameters | None = None
    data: list[str | list[str]] | None = None


class RequestedOutput(_Strict):
    """The name of an output, and its form."""

    name: str
    parameters: OutputParameters | None = None


class InferenceRequest(_Strict):
    """A request; this base has no limits."""

    id: str | None = None
    parameters: RequestParameters | None = None
    inputs: list[InputTensor]
    outputs: Annotated[list[RequestedOutput], Field(max_length=_MOST_OUTPUTS)] | None = None


class ResponseTensor(BaseModel):
    """An output: its data, or their size where they stand behind the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[float | str] | None = None


class InferenceResponse(BaseModel):
    """An answer."""

    model_config = ConfigDict(protected_namespaces=())

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[ResponseTensor]


class ServerLive(BaseModel):
    """The process answers."""

    live: bool


class ServerReady(BaseModel):
    """A worker can compute answers."""

    ready: bool


class ModelReady(BaseModel):
    """A worker can compute answers of the model."""

    name: str
    ready: bool


class ServerMetadata(BaseModel):
    """The server and its extensions of the protocol."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """The name and the form of an input or output; -1 is any number of texts."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """The model, its inputs and outputs."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, Any]


def inference_request(settings: Settings) -> type[InferenceRequest]:
    """Return the type of a request within the limits of the settings."""
    text = text_type(settings)
    row = TypeAliasType("TextRow", list_of(text, most=1, least=1))  # type: ignore[misc]
    data = list_of(one_or_many(text, row), settings.max_texts) | None
    tensor = create_model("InputTensor", __base__=InputTensor, data=(data, None))
    inputs = list_of(tensor, most=1, least=1)
    return create_model("InferenceRequest", __base__=InferenceRequest, inputs=(inputs, ...))
