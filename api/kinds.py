"""The table of prediction kinds: each way to ask for predictions is one entry.

Routes, hit path, statistics and the description of the API read it; none of them names a path of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from api.schemas import BulkPrediction, Prediction, bulk_request, single_request
from shared.process.settings import Settings


@dataclass(frozen=True, slots=True)
class Kind:
    """One path with the shapes of its request and of its answer."""

    name: str
    """Name of the operation in the description."""
    path: str
    """Path with its prefix: the route, its label in metrics, and the hit path's key. `/stats` adds up all kinds."""
    summary: str
    request: TypeAdapter[Any]
    """Validates a request's JSON, and describes it."""
    texts: Callable[[Any], list[str]]
    """Return the texts of a validated request."""
    answer: type[BaseModel]
    """Describes an answer."""
    head: bytes
    """Bytes of an answer before its predictions, which are joined by commas."""
    tail: bytes
    """Bytes of an answer after its predictions."""

    def read(self, body: bytes) -> list[str]:
        """Return the texts of a request's body.

        Raises:
            ValidationError: the body is not JSON of this kind.
        """
        return self.texts(self.request.validator.validate_json(body))

    def write(self, predictions: Sequence[bytes]) -> bytes:
        """Return the body of an answer from the stored bytes of its predictions."""
        return b"%b%b%b" % (self.head, b",".join(predictions), self.tail)


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
