"""OpenAPI entries for the requests and answers of raw routes, which FastAPI cannot derive from their endpoints."""

from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel

from api.problems import PROBLEM_TYPE
from api.schemas import Problem

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


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI entry of a JSON body with a schema."""
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
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": Problem.model_json_schema()}}}


def answer(model: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entry of a successful answer; the model is only its schema and validates nothing."""
    return {status: {"model": model}}
