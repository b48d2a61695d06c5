"""The table of prediction kinds: one entry for each shape of prediction request and answer.

Routes, hit path, statistics and the OpenAPI description read this table; no other module has the paths.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from api.facts import as_json, as_list
from api.schemas import BulkPrediction, Prediction, bulk_request, single_request
from shared.contract.record import Record
from shared.process.settings import Settings


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
    texts: Callable[[Any], list[str]]
    """Returns the texts of a validated request."""
    answer: type[BaseModel]
    """Schema of an answer."""
    head: bytes
    """Bytes of an answer before its predictions, which are joined by commas."""
    tail: bytes
    """Bytes of an answer after its predictions; the last one closes an object."""
    single: bool = False
    """Whether a request has one text, so that details are one object, not a list."""

    def read(self, body: bytes) -> list[str]:
        """Return the texts of a request's body.

        Raises:
            ValidationError: the body is not JSON of this kind.
        """
        return self.texts(self.request.validator.validate_json(body))

    def write(self, predictions: Sequence[bytes]) -> bytes:
        """Return the body of an answer from the stored bytes of its predictions."""
        return b"%b%b%b" % (self.head, b",".join(predictions), self.tail)

    def write_details(self, predictions: Sequence[bytes], records: Sequence[Record]) -> bytes:
        """Return the body of an answer with the facts of each text in a member ``details``."""
        details = as_json(records[0]) if self.single else as_list(records)
        return b'%b,"details":%b}' % (self.write(predictions)[:-1], details)


def prediction_kinds(settings: Settings) -> tuple[Kind, ...]:
    """Return the kinds of this service, within the limits of its settings."""
    return (
        Kind(
            name="predict",
            path=f"{settings.path_prefix}/predict",
            summary="Classify one text",
            request=single_request(settings),
            texts=lambda request: [request.text],
            answer=Prediction,
            head=b'{"prediction":',
            tail=b"}",
            single=True,
        ),
        Kind(
            name="bulk_predict",
            path=f"{settings.path_prefix}/bulk-predict",
            summary="Classify a batch of texts",
            request=bulk_request(settings),
            texts=lambda request: request.text,
            answer=BulkPrediction,
            head=b'{"predictions":[',
            tail=b"]}",
        ),
    )
