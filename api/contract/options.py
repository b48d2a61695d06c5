"""The part of an answer that a request asks for, and what it asks for in addition."""

from typing import NamedTuple

from shared.contract.predictions import cut
from shared.contract.record import Record


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
