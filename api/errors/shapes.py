"""The forms of errors that clients of other protocols expect. The path of a request decides which one is used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel


class Fault(NamedTuple):
    """An error, as the shape of a protocol writes it."""

    code: str
    """Last part of the problem's type, for instance `overloaded`."""
    status: int
    """Status of the answer, after the protocol's own codes."""
    message: str
    """Sentences with all reasons, without any text of the request."""
    reasons: Sequence[Mapping[str, str]] = ()
    """The location and the message of each error of an invalid request."""


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """The form of the errors at the paths of one protocol: its members, followed by those of the problem document."""

    bases: tuple[str, ...]
    """Paths; the shape is used at each of them and at every path below."""
    write: Callable[[Fault], Mapping[str, Any]]
    """Returns the protocol's members of an error."""
    model: type[BaseModel]
    """Schema of an error."""
    guide: str
    """Sentence that says where the protocol's routes are, for a path at which nothing is."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """The protocol's statuses by problem code, where they differ from the product's."""

    def covers(self, path: str) -> bool:
        """Whether errors at a path have this shape."""
        return any(path == base or path.startswith(f"{base}/") for base in self.bases)

    def status(self, code: str, status: int) -> int:
        """Return the status of a problem for clients of this protocol."""
        return self.statuses.get(code, status)

    def document(self, code: str, problem: Mapping[str, Any]) -> dict[str, Any]:
        """Return an error with the protocol's members, followed by those of a problem document."""
        status = self.status(code, problem["status"])
        own = self.write(Fault(code, status, _message(problem), problem.get("errors", ())))
        return {**own, **{name: value for name, value in problem.items() if name not in own}, "status": status}


def shape_at(path: str, shapes: Iterable[ErrorShape]) -> ErrorShape | None:
    """Return the shape of errors at a path; None for problem documents."""
    return next((shape for shape in shapes if shape.covers(path)), None)


def _message(problem: Mapping[str, Any]) -> str:
    """Return the reasons of a problem in one string: those of an invalid request, otherwise the detail."""
    reasons = {reason["message"]: f"{reason['location']}: {reason['message']}" for reason in problem.get("errors", ())}
    return "; ".join(reasons.values()) or str(problem["detail"])
