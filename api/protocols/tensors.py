"""Tensors of the Open Inference Protocol: the outputs of a model, and data behind the JSON of a message.

A BYTES tensor is written as Triton does: for each element its length (4 bytes, little-endian) and its bytes.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pydantic_core import to_json

from api.problems import InvalidRequestError
from api.protocols.scores import activated, by_label, ranked
from shared.contract.card import ModelCard
from shared.contract.record import Record

_LENGTH: Final = 4
_FORMATS: Final = {"FP32": "f", "INT64": "q"}


class Tensor(NamedTuple):
    """An output of a model for some texts."""

    datatype: str
    values: Sequence[Any]
    width: int
    """Number of values of one text."""
    parameters: dict[str, Any]

    def packed(self) -> bytes:
        """Return the values as binary data."""
        if self.datatype == "BYTES":
            encoded = [value.encode() for value in self.values]
            return b"".join([len(value).to_bytes(_LENGTH, "little") + value for value in encoded])
        return struct.pack(f"<{len(self.values)}{_FORMATS[self.datatype]}", *self.values)


@dataclass(frozen=True, slots=True)
class Output:
    """An output that a request may name."""

    datatype: str
    value: Callable[[Record, ModelCard], Sequence[Any]]
    """Returns the values of one text."""
    labelled: bool = False
    """Whether there is a value for each label."""
    content_type: str = ""
    """MLServer's name of the encoding of its strings."""

    def tensor(self, records: Sequence[Record], card: ModelCard, classes: int) -> Tensor:
        """Return the tensor of some texts.

        Args:
            records: the answers.
            card: the active model.
            classes: number of the highest values that are wanted as ``value:number:label``; 0 for all plain values.
        """
        values = [value for record in records for value in self.value(record, card)]
        width = len(card.labels) if self.labelled else 1
        if classes:
            return _classes(values, card, min(classes, width))
        return Tensor(self.datatype, values, width, {"content_type": self.content_type} if self.content_type else {})


def _classes(values: Sequence[float], card: ModelCard, most: int) -> Tensor:
    """Return Triton's classification of values: those of each text that are highest, with number and label."""
    size = len(card.labels)
    named = []
    for first in range(0, len(values), size):
        row = sorted(enumerate(values[first : first + size]), key=lambda pair: -pair[1])
        named += [f"{value:f}:{number}:{card.labels[number]}" for number, value in row[:most]]
    return Tensor("BYTES", named, most, {})


def _logits(record: Record, card: ModelCard) -> list[float]:
    scores = {entry["label"]: entry["score"] for entry in activated(record, card, "none")}
    return [scores[label] for label in card.labels]


def _number(record: Record, card: ModelCard) -> tuple[int]:
    scores = by_label(record, card)
    return (scores.index(max(scores)),)


OUTPUTS: Final = {
    "label": Output("BYTES", lambda record, _: (ranked(record)[0]["label"],)),
    "score": Output("FP32", lambda record, _: (ranked(record)[0]["score"],)),
    "probabilities": Output("FP32", by_label, labelled=True),
    "logits": Output("FP32", _logits, labelled=True),
    # MLServer's runtime for Hugging Face, and KServe's
    "output": Output("BYTES", lambda record, _: (to_json(ranked(record)[0]).decode(),), content_type="hg_jsonlist"),
    "output-0": Output("INT64", _number),
}
"""The outputs by their names."""
DEFAULTS: Final = {"args": ("output",), "input-0": ("output-0",)}
"""Names of the outputs of a request that names none, by the name of its input, which differs between servers."""
USUAL: Final = ("label", "score", "probabilities")
"""Names of the outputs of any other request that names none."""


def unpack(data: bytes, most: int) -> list[str]:
    """Return the strings of a BYTES tensor.

    Args:
        data: the binary data.
        most: most strings.

    Raises:
        InvalidRequestError: the data are incomplete, not UTF-8, or too many.
    """
    texts: list[str] = []
    position = 0
    while position < len(data):
        start = position + _LENGTH
        position = start + int.from_bytes(data[position:start], "little")
        if start > len(data) or position > len(data):
            raise refusal("The data of a BYTES tensor end inside an element")
        if len(texts) == most:
            raise refusal(f"The tensor has more than {most} elements")
        try:
            texts.append(data[start:position].decode())
        except UnicodeDecodeError:
            raise refusal(f"Element {len(texts)} is not UTF-8") from None
    return texts


def refusal(message: str) -> InvalidRequestError:
    """Return the error of a request whose tensors are wrong."""
    return InvalidRequestError([{"location": "body.inputs.0", "message": message}])
