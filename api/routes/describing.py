"""OpenAPI entries for the requests and answers of raw routes, which FastAPI cannot derive from their endpoints."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, TypeAdapter

from api.contract.schemas import Problem
from api.errors.problems import PROBLEMS
from api.errors.shapes import ErrorShape
from api.http.errors import PROBLEM_TYPE

REF: Final = "#/components/schemas/{model}"
_STATUSES: Final = {entry.code: int(entry.status) for entry in PROBLEMS.values()} | {
    "unsupported-media-type": int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
}
"""The product's statuses by problem code."""

MOST: Final = 10**9 - 1
"""The largest value of a number in a query."""


class Parameter(NamedTuple):
    """A parameter of a raw route."""

    place: Literal["path", "query", "header"]
    name: str
    description: str
    least: int = 0
    """The smallest value of a query parameter."""
    most: int = MOST
    """The largest value of a query parameter."""

    @property
    def document(self) -> dict[str, Any]:
        """Its entry in the OpenAPI description; only parameters in the path are required."""
        schemas: dict[str, dict[str, Any]] = {
            "path": {"type": "string"},
            "query": {"type": "integer", "minimum": self.least, "maximum": self.most},
            "header": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        }
        return {
            "in": self.place,
            "name": self.name,
            "description": self.description,
            "required": self.place == "path",
            "schema": schemas[self.place],
        }


def json_body(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """Return the OpenAPI entry of a JSON body; `api.description` makes a component of its schema."""
    schema = adapter.json_schema(ref_template=REF)
    examples = schema.pop("examples", [])
    media: dict[str, Any] = {"schema": schema}
    if examples:
        media["example"] = examples[0]
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


def parameters(*described: Parameter) -> dict[str, Any]:
    """Return the OpenAPI entry of parameters."""
    return {"parameters": [parameter.document for parameter in described]}


def problem(description: str) -> dict[str, Any]:
    """Return the OpenAPI entry of a problem document."""
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": _schema(Problem)}}}


def problems(descriptions: Mapping[str, str], shape: ErrorShape | None) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of errors.

    Args:
        descriptions: descriptions by problem code.
        shape: the form of the errors; None for problem documents.
    """
    entries: dict[int | str, dict[str, Any]] = {}
    for code, description in descriptions.items():
        entry = problem(description)
        status = _STATUSES[code]
        if shape is not None:
            status = shape.status(code, status)
            entry["content"] = {"application/json": {"schema": _schema(shape.model)}}
        if status in entries:
            entry["description"] = f"{entries[status]['description']}. {description}"
        entries[status] = entry
    return entries


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(ref_template=REF)


def answer(model: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entry of a successful answer; the model is only its schema and validates nothing."""
    return {status: {"model": model}}
