"""The labels and the task of a trained model: from its configuration, or from the options of a bake."""

import csv
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.errors import ModelError
from worker.engines.facts import MOST_LABELS, Labels, Task
from worker.modelling.hub import CONFIG

_UNNAMED: Final = re.compile(r"LABEL_\d+")
"""Names that transformers makes up where nobody has given any."""
_TASKS: Final[Mapping[Any, Task]] = {
    None: "single-label",
    "single_label_classification": "single-label",
    "multi_label_classification": "multi-label",
}
_LABELS: Final[TypeAdapter[tuple[str, ...]]] = TypeAdapter(Labels)


def task_of(config: Mapping[str, Any], given: Task | None, source: str) -> Task:
    """Return whether one label or several apply to a text: as the option says, else as the configuration does.

    Raises:
        ModelError: the model predicts numbers.
    """
    kind = config.get("problem_type")
    if given is None and kind not in _TASKS:
        raise ModelError(f"{source} is no classifier: problem_type in its {CONFIG} is {kind}")
    return given or _TASKS[kind]


def labels_of(config: Mapping[str, Any], given: str | None, source: str) -> tuple[str, ...]:
    """Return the names of the outputs in their order; the usual two in their usual case.

    Args:
        config: of the model.
        given: the option's names, separated by commas as in CSV; they replace the configuration's.
        source: name of the model, for error messages.

    Raises:
        ModelError: they are missing, too few, too many, alike, or have characters that no label may have.
    """
    names = config.get("id2label") or {}
    if given is not None:
        labels = tuple(name.strip() for name in next(csv.reader([given], skipinitialspace=True, strict=True), ()))
        if names and len(names) != len(labels):
            raise ModelError(f"{source} has {len(names)} outputs, and --labels names {len(labels)}")
        return _checked(labels, source, "--labels")
    labels = tuple(str(names.get(str(index), "")) for index in range(len(names)))
    if not names or "" in labels:
        raise ModelError(f"{source} has no labels: name them by --labels, or by id2label in its {CONFIG}")
    if any(map(_UNNAMED.fullmatch, labels)):
        shown = ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")  # noqa: PLR2004
        raise ModelError(f"{source} has labels without a meaning ({shown}): name them by --labels")
    labels = _checked(labels, source, f"id2label in its {CONFIG}")
    return DEFAULT_LABELS if tuple(map(str.upper, labels)) == DEFAULT_LABELS else labels


def _checked(labels: tuple[str, ...], source: str, where: str) -> tuple[str, ...]:
    if len(set(labels)) < len(labels):
        again = next(label for label in labels if labels.count(label) > 1)
        raise ModelError(f"{source} has labels that repeat: {where} names {again!r} twice")
    if not 2 <= len(labels) <= MOST_LABELS:  # noqa: PLR2004 - fewer decide nothing
        raise ModelError(f"{source} has {len(labels)} labels in {where}: a model needs 2 to {MOST_LABELS}")
    try:
        return _LABELS.validate_python(labels)
    except ValidationError as error:
        bad = labels[int(error.errors()[0]["loc"][0])]
        raise ModelError(
            f"{source} has a label in {where} that cannot be served: {bad!r} is empty, longer than 100 characters, "
            "or has control characters"
        ) from None
