"""The query parameters by which a request asks for a part of its answers, or for more."""

from typing import Final

from fastapi import Request

from api.contract.options import Options
from api.routes.describing import Parameter
from api.routes.query import integer

TOP_K: Final = Parameter("query", "top_k", "Most labels of an answer, those with the highest scores", least=1)
DETAILS: Final = Parameter(
    "query", "details", "With 1, the answer has the facts of each text: tokens, truncation, unknown tokens", most=1
)
DESCRIBED: Final = (TOP_K, DETAILS)


def options_of(request: Request) -> Options:
    """Return the options of a request.

    Raises:
        InvalidRequestError: a value is not valid.
    """
    if not request.url.query:
        return Options()
    return Options(integer(request, TOP_K, 0), bool(integer(request, DETAILS, 0)))
