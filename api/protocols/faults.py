"""The forms of errors that several protocols share."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from api.schemas import Problem
from api.shapes import Fault


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


def write_plain(fault: Fault) -> Mapping[str, Any]:
    """Return the members of a `PlainError`."""
    return {"error": fault.message}


def write_nested(fault: Fault) -> Mapping[str, Any]:
    """Return the members of a `NestedError`."""
    kind = HTTPStatus(fault.status).phrase.title().replace(" ", "")
    return {"error": {"message": fault.message, "type": f"{kind}Error", "param": None, "code": fault.status}}
