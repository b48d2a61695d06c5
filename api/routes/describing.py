"""Description of what raw routes read and answer; FastAPI describes nothing that an endpoint does by itself."""

from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel

from api.problems import PROBLEM_TYPE
from api.schemas import Problem

MOST: Final = 10**9 - 1
"""The largest number that a query parameter may give."""


class Parameter(NamedTuple):
    """One parameter that an endpoint reads itself."""

    place: Literal["path", "query", "header"]
    name: str
    description: str
    least: int = 0
    """Smallest number that a query parameter may give."""

    @property
    def document(self) -> dict[str, Any]:
        """Its entry in the description of the API; only what stands in the path must be there."""
        schemas: dict[str, dict[str, Any]] = {
            "path": {"type": "string"},
            "query": {"type": "integer", "minimum": self.least, "maximum": MOST},
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
    """Document a JSON body that the endpoint validates itself."""
    examples = schema.pop("examples", [])
    media: dict[str, Any] = {"schema": schema}
    if examples:
        media["example"] = examples[0]
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


def parameters(*described: Parameter) -> dict[str, Any]:
    """Document parameters."""
    return {"parameters": [parameter.document for parameter in described]}


def problem(description: str) -> dict[str, Any]:
    """Document a refusal under the media type that it is sent as."""
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": Problem.model_json_schema()}}}


def answer(model: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Document a successful answer of an endpoint that writes the JSON itself; the model validates nothing."""
    return {status: {"model": model}}
