"""The parts of a protocol: its prediction routes, its routes that tell of the service, and its errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, TypeAdapter

from api.contract.options import Options
from api.contract.schemas import Alive
from api.dispatch.predictor import Answers
from api.errors.shapes import ErrorShape
from api.http.content import JSON
from shared.contract.card import ModelCard
from shared.contract.errors import NoWorkerError

BINARY_HEADER: Final = "Inference-Header-Content-Length"
"""Header with the length of the JSON before binary data."""


class Reply(NamedTuple):
    """A successful answer."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """Headers of the protocol, with names in lower case."""
    media_type: bytes = JSON


class Question(NamedTuple):
    """A request that has been read."""

    texts: list[str]
    write: Callable[[Answers, ModelCard | None], Reply]
    """Writes the answer. The card is the active model's; it is None if this process has seen no worker.

    An exception of the table of errors means that the request cannot be answered in this form.
    """


@dataclass(frozen=True, slots=True)
class Kind:
    """One prediction route: its path, and the shapes of its request and its answer."""

    name: str
    """Name of the operation in the OpenAPI description."""
    path: str
    """Path with its prefix; it is also the route's label in metrics."""
    summary: str
    request: TypeAdapter[Any]
    """Validates the JSON of a request, and has its schema."""
    read: Callable[[Any], Question]
    """Reads a validated request. An exception of the table of errors means that it is refused."""
    answer: type[BaseModel]
    """Schema of an answer."""
    partial: bool = False
    """Whether an answer has room for errors of single texts; otherwise one failed text fails the request."""
    write_options: Callable[[Answers, Options], Reply] | None = None
    """Writes the answer to a request with a query; None where the protocol has no options."""
    refusals: dict[str, str] = field(default_factory=dict)
    """Descriptions of refusals that other kinds do not have, by problem code."""
    described: bool = True
    """Whether the OpenAPI description has it; further names of the same model are left out."""
    binary: Callable[[int, bytes], Question] | None = None
    """Reads a body whose first bytes, of a given number, are JSON and are followed by binary data."""

    def parse(self, body: bytes) -> Question:
        """Read the body of a request.

        Raises:
            ValidationError: the body is not JSON of this kind.
            SentimentError: the request is refused.
        """
        return self.read(self.request.validator.validate_json(body))


class Need(Enum):
    """The condition under which a page answers 200."""

    LIFE = auto()
    """None: the process answers."""
    WORKER = auto()
    """The process is not draining, and a worker can compute answers."""
    CARD = auto()
    """The active model is known."""


@dataclass(frozen=True, slots=True)
class Page:
    """A route that tells of the service or of its model."""

    name: str
    """Name of the operation in the OpenAPI description."""
    path: str
    """Path with its prefix."""
    summary: str
    need: Need
    write: Callable[[ModelCard | None], object] = lambda _: {"status": "ok"}
    """Returns the JSON document. The card is None if this process has seen no worker."""
    answer: type[BaseModel] = Alive
    """Schema of the document."""
    described: bool = True
    """Whether the OpenAPI description has it."""

    @property
    def health(self) -> bool:
        """Whether it is a health check, which needs a key only if health is protected."""
        return self.need is not Need.CARD


@dataclass(frozen=True, slots=True)
class ClientProtocol:
    """The routes for one family of clients."""

    kinds: tuple[Kind, ...]
    pages: tuple[Page, ...] = ()
    errors: ErrorShape | None = None
    """The form of errors; None for problem documents."""


def require_card(card: ModelCard | None) -> ModelCard:
    """Return the card of the active model.

    Raises:
        NoWorkerError: this process has seen no worker yet.
    """
    if card is None:
        raise NoWorkerError
    return card
