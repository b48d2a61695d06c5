"""The JSON of Hugging Face's Inference API and of text-embeddings-inference (TEI)."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel
from typing_extensions import TypeAliasType

from api.contract.schemas import Problem
from api.protocols.scores import Activation


class Classification(BaseModel):
    """One label with its score."""

    label: str
    score: float


TextClassifications = TypeAliasType("TextClassifications", list[Classification])
"""The labels of one text."""
BatchClassifications = TypeAliasType("BatchClassifications", list[TextClassifications])
"""The labels of each text."""


class Classifications(RootModel[BatchClassifications | TextClassifications]):
    """The labels of each text, or those of the only text, the highest score first."""


class HuggingFaceParameters(BaseModel):
    """Options of Hugging Face's clients."""

    model_config = ConfigDict(extra="forbid", strict=True)

    top_k: Annotated[int, Field(ge=1, description="Most labels of a text; all by default")] | None = None
    function_to_apply: Activation | None = None


class Options(BaseModel):
    """Options that both have."""

    model_config = ConfigDict(strict=True)

    truncate: Annotated[bool | None, Field(description="false refuses a text that is too long for the model")] = None
    truncation_direction: Annotated[
        Literal["Right"],
        Field(description="Only the end is cut off"),
        BeforeValidator(lambda given: "Right" if given == "right" else given),
    ] = "Right"
    raw_scores: Annotated[bool, Field(description="Whether scores are logits")] = False


class HuggingFaceRequest(Options):
    """The base of a request to Hugging Face's path, without the limits."""

    inputs: str | list[str]
    parameters: HuggingFaceParameters | None = None


class TeiRequest(Options):
    """The base of a request to TEI's path, without the limits."""

    inputs: str | list[list[str]]


class HuggingFaceError(Problem):
    """An error as text-embeddings-inference writes it, with the members of a problem document."""

    error: str
    error_type: Literal["unhealthy", "backend", "overloaded", "validation", "tokenizer", "empty"]


class Classifier(BaseModel):
    """The labels of a model by their numbers, and the numbers by the labels."""

    id2label: dict[str, str]
    label2id: dict[str, int]


class ModelType(BaseModel):
    """The type of a model."""

    classifier: Classifier


class ModelInfo(BaseModel):
    """The model, and the limits of requests. A limit that does not exist here is null."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str
    model_sha: str
    model_dtype: str
    served_model_name: str
    model_type: ModelType
    max_concurrent_requests: int | None
    max_input_length: Annotated[int, Field(description="Most tokens that the model reads")]
    max_input_characters: int
    max_batch_tokens: int | None
    max_batch_requests: int | None
    max_client_batch_size: Annotated[int, Field(description="Most texts of a request")]
    payload_limit: Annotated[int, Field(description="Most bytes of a request's body")]
    auto_truncate: bool
    tokenization_workers: int | None
    version: str | None
    sha: str | None
    docker_label: str | None
