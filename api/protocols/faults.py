"""The forms of errors that several protocols share."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from api.contract.schemas import Problem
from api.errors.shapes import Fault


class PlainError(Problem):
    """An error as KServe and Triton write it, with the members of a problem document."""

    error: str


class Reason(BaseModel):
    """The reasons of an error, its type and its status."""

    message: str
    type: str
    param: str | None
    code: int


class NestedError(Problem):
    """An error as vLLM and Infinity write it, with the members of a problem document."""

    error: Reason


class InfinityReason(BaseModel):
    """One error of an invalid request, as FastAPI writes it, without the value that was sent."""

    type: str
    loc: list[int | str]
    msg: str


InfinityReasons = TypeAliasType("InfinityReasons", list[InfinityReason])
"""All errors of an invalid request."""


class InfinityError(NestedError):
    """An error as Infinity writes it; `detail` is a list if the request is not valid."""

    detail: str | InfinityReasons  # type: ignore[assignment]


def write_plain(fault: Fault) -> Mapping[str, Any]:
    """Return the members of a `PlainError`."""
    return {"error": fault.message}


def write_nested(fault: Fault) -> Mapping[str, Any]:
    """Return the members of a `NestedError`."""
    kind = HTTPStatus(fault.status).phrase.title().replace(" ", "")
    return {"error": {"message": fault.message, "type": f"{kind}Error", "param": None, "code": fault.status}}


def write_infinity(fault: Fault) -> Mapping[str, Any]:
    """Return the members of an `InfinityError`."""
    own = write_nested(fault)
    if not fault.reasons:
        return own
    return {**own, "detail": [_reason(**reason) for reason in fault.reasons]}


def _reason(location: str, message: str) -> dict[str, Any]:
    parts = [int(part) if part.isdecimal() else part for part in location.split(".")]
    return {"type": "value_error", "loc": parts, "msg": message}
