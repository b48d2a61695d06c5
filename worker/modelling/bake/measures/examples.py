"""Labelled texts to measure a model with: ``dev.tsv`` with the names or the numbers of labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from shared.contract.errors import ModelError
from worker.engines.facts import Task

FILE: Final = "dev.tsv"
_JOINT: Final = "|"
"""Stands between the labels of one text in a multi-label file."""


class Labelled(NamedTuple):
    """A text with the indices of its labels."""

    text: str
    labels: frozenset[int]


def read_examples(folder: Path, labels: Sequence[str], task: Task) -> list[Labelled]:
    """Read a file of two tab-separated columns, one of which has the header ``label``.

    A cell of this column has the label's name, or its number from 0 in the order of the model's outputs. In the file
    of a multi-label model it has any number of them, separated by ``|``.

    Raises:
        ModelError: the file is missing or has another form.
    """
    path = folder / FILE
    try:
        header, *lines = path.read_text("utf-8").replace("\r\n", "\n").split("\n")
        column = header.split("\t").index("label")
        rows = [line.split("\t") for line in lines if line.strip()]
        pairs = [(row[1 - column].strip(), _cells(row[column], task)) for row in rows]
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, IndexError) as error:
        raise ModelError(f"{path} has no tab-separated columns with a label in one of two: {error}") from None
    numbers = _numbers({cell for _, cells in pairs for cell in cells}, labels, path)
    if not pairs:
        raise ModelError(f"{path} holds no examples")
    return [Labelled(text, frozenset(numbers[cell] for cell in cells)) for text, cells in pairs]


def _cells(cell: str, task: Task) -> list[str]:
    if task == "single-label":
        return [cell.strip()]
    return [name.strip() for name in cell.split(_JOINT) if name.strip()]


def _numbers(cells: set[str], labels: Sequence[str], path: Path) -> Mapping[str, int]:
    """Return the index of each cell: all of a file are names, or all are numbers."""
    named = {label: index for index, label in enumerate(labels)}
    numbered = {str(index): index for index in range(len(labels))}
    for known in (named, numbered):
        if cells <= known.keys():
            return known
    other = min(cells - named.keys())
    raise ModelError(f"{path} has a label that the model does not have: {other!r}")
