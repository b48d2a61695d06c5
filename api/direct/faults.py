"""Builds the answers to errors of plain prediction requests.

Under overload, refusals are most of the answers, and building one costs as much as a hit. Those of equal requests
differ by the request's id alone, so they are made from one that is kept.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from api.context import ID_HEADER, access
from api.direct.answer import Answer
from api.errors.problems import PROBLEMS
from api.errors.shapes import ErrorShape
from api.http.errors import internal_error, problem_for
from api.security.headers import lines, secured
from shared.contract.errors import OverloadedError
from shared.process.logs import request_id

_STAND_IN: Final = b"~"
"""In a kept answer, the id consists of this character. No other part of an answer has it so many times in a row."""
_SHORTEST: Final = 8
"""Least bytes of an id that is put into a kept answer."""
_MOST_KEPT: Final = 256


class Failure(NamedTuple):
    """The answer to an error."""

    code: str
    """Last part of the problem's type."""
    status: int
    """The product's status; the answer may have another one of its protocol."""
    answer: Answer


class Faults:
    """Builds the answers to errors, with the same bytes as the routes.

    Args:
        prefix: first part of the service's paths.
        shapes: the forms of errors that differ from problem documents.
    """

    def __init__(self, prefix: str, shapes: Sequence[ErrorShape]) -> None:
        self._prefix = prefix
        self._shapes = shapes
        self._kept: dict[tuple[str, float, int], Failure] = {}
        """Refusals by path, seconds until a retry, and length of their id."""

    def failure(self, path: str, error: Exception, identity: bytes) -> Failure:
        """Return the answer to an error; an unexpected one is logged.

        Args:
            path: path of the request.
            error: the error.
            identity: id of the request.
        """
        if type(error) is not OverloadedError or len(identity) < _SHORTEST or b'"' in identity or b"\\" in identity:
            return self._build(path, error, identity)
        key = path, error.retry_after, len(identity)
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._build(path, error, _STAND_IN * len(identity))
        code, status, answer = self._kept[key]
        sample = _STAND_IN * len(identity)
        head, body = answer.head.replace(sample, identity), answer.body.replace(sample, identity)
        return Failure(code, status, Answer(answer.status, head, body))

    def _build(self, path: str, error: Exception, identity: bytes) -> Failure:
        token = request_id.set(identity.decode())
        try:
            if type(error) in PROBLEMS:
                problem = problem_for(error, self._prefix)
            else:
                access.exception("request failed", exc_info=error, extra={"path": path})
                problem = internal_error()
        finally:
            request_id.reset(token)
        response = problem.at(path, self._shapes)
        head = lines([*secured(response.raw_headers), (ID_HEADER, identity)])
        return Failure(problem.code, problem.status_code, Answer(response.status_code, head, bytes(response.body)))
