"""The query parameters by which a request asks for a part of its answers, or for more."""

from typing import Final, NamedTuple

from fastapi import Request

from api.routes.describing import Parameter, parameters
from api.routes.query import integer
from shared.contract.predictions import cut
from shared.contract.record import Record

TOP_K: Final = Parameter("query", "top_k", "Most labels of an answer, those with the highest scores", least=1)
DETAILS: Final = Parameter(
    "query", "details", "With 1, the answer has the facts of each text: tokens, truncation, unknown tokens", most=1
)
DESCRIBED: Final = parameters(TOP_K, DETAILS)
"""Their OpenAPI entries."""


class Options(NamedTuple):
    """The values of the parameters; by default an answer has all labels, and no facts."""

    top_k: int = 0
    """Most labels of an answer; 0 for all."""
    details: bool = False
    """Whether the facts of texts are asked for."""

    def body(self, record: Record) -> bytes:
        """Return the body of a record with as many labels as are asked for."""
        return cut(record.body, self.top_k) if self.top_k else record.body

    @property
    def query(self) -> str:
        """The parameters, each with ``&`` before it."""
        return (f"&top_k={self.top_k}" if self.top_k else "") + ("&details=1" if self.details else "")


def options_of(request: Request) -> Options:
    """Return the options of a request.

    Raises:
        InvalidRequestError: a value is not valid.
    """
    if not request.url.query:
        return Options()
    return Options(integer(request, TOP_K, 0), bool(integer(request, DETAILS, 0)))
