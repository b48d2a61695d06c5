"""Tensors of the Open Inference Protocol: the outputs of a model, and data behind the JSON of a message.

A BYTES tensor is written as Triton does: for each element its length (4 bytes, little-endian) and its bytes.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json

from api.errors.problems import InvalidRequestError
from api.protocols.scores import activated, by_label, ranked
from shared.contract.card import ModelCard
from shared.contract.record import Record

_LENGTH: Final = 4
_FORMATS: Final = {"FP32": "f", "INT64": "q"}


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

    def entry(
        self, name: str, records: Sequence[Record], card: ModelCard, *, classes: int, column: bool
    ) -> dict[str, Any]:
        """Return the output's entry in an answer, with its data.

        Args:
            name: its name.
            records: the answers.
            card: the active model.
            classes: number of the highest values that are wanted as ``value:number:label``; 0 for all plain values.
            column: whether the shape of single values is [n, 1] instead of [n].
        """
        count, width = len(records), len(card.labels) if self.labelled else 1
        if count == 1:
            values = self.value(records[0], card)
        else:
            values = [value for record in records for value in self.value(record, card)]
        if classes:
            most = min(classes, width)
            return {"name": name, "datatype": "BYTES", "shape": [count, most], "data": _classes(values, card, most)}
        flat = width == 1 and not (column or self.content_type)
        entry: dict[str, Any] = {"name": name, "datatype": self.datatype, "shape": [count] if flat else [count, width]}
        if self.content_type:
            entry["parameters"] = {"content_type": self.content_type}
        entry["data"] = values
        return entry


def detach(entry: dict[str, Any]) -> bytes:
    """Return the data of an entry as binary data, whose size takes their place in the entry."""
    values = entry.pop("data")
    if entry["datatype"] == "BYTES":
        encoded = [value.encode() for value in values]
        data = b"".join([len(value).to_bytes(_LENGTH, "little") + value for value in encoded])
    else:
        data = struct.pack(f"<{len(values)}{_FORMATS[entry['datatype']]}", *values)
    entry["parameters"] = {**entry.get("parameters", {}), "binary_data_size": len(data)}
    return data


def _classes(values: Sequence[float], card: ModelCard, most: int) -> list[str]:
    """Return Triton's classification of values: those of each text that are highest, with number and label."""
    size = len(card.labels)
    named = []
    for first in range(0, len(values), size):
        row = sorted(enumerate(values[first : first + size]), key=lambda pair: -pair[1])
        named += [f"{value:f}:{number}:{card.labels[number]}" for number, value in row[:most]]
    return named


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
