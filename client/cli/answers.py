"""The columns in which answers are written: label and score, a score for each label, details."""

from dataclasses import astuple, dataclass, field
from hashlib import blake2b
from typing import Any, Final

import click

from client.card import ModelCard
from client.cli.options import WORD
from client.cli.process.ending import CommandError, Exit
from client.models import Details, Prediction
from client.wanted import Wanted

LABEL: Final = "label"
SCORE: Final = "score"
_SCORES: Final = "scores"
_SEPARATOR: Final = "|"
_FEW: Final = 2
"""Labels of which an answer is always asked for all, as releases for two labels did."""


@dataclass(frozen=True)
class Answers:
    """The columns of an answer, and its values in them.

    Raises:
        CommandError: a label of the model contains the separator.
    """

    card: ModelCard = field(default_factory=ModelCard)
    """Of the model that answers."""
    separator: str = _SEPARATOR
    """Stands between the labels of a multi-label answer."""
    all_scores: bool = False
    """Whether every label's score is written."""
    details: bool = False
    """Whether the facts of the forward pass are written."""

    @property
    def wanted(self) -> Wanted:
        """The parts of an answer that are written, for the service."""
        few = self.all_scores or self.card.multi_label or len(self.card.labels) <= _FEW
        return Wanted(None if few else 1, self.details)

    @property
    def columns(self) -> list[str]:
        """Names of the columns of a table.

        Raises:
            CommandError: the service does not name the labels.
        """
        if self.all_scores and not self.card.labels:
            raise CommandError(
                "the service does not name its labels, so a table cannot have their columns: write ndjson"
            )
        scores = [f"{SCORE}_{label}" for label in self.card.labels] if self.all_scores else []
        return [LABEL, SCORE, *scores, *self._detail_names]

    @property
    def keys(self) -> list[str]:
        """Names of the members of a JSON object."""
        return [LABEL, SCORE, *([_SCORES] if self.all_scores else []), *self._detail_names]

    def cells(self, prediction: Prediction) -> list[str]:
        """Return the values of the columns.

        Raises:
            CommandError: a label cannot be written, or is none of the columns'.
        """
        scores = self._scores(prediction) if self.all_scores else []
        return [self.label(prediction), repr(prediction.score), *map(repr, scores), *self.detail_cells(prediction)]

    def detail_cells(self, prediction: Prediction) -> list[str]:
        """Return the facts of the forward pass, if they are written."""
        return [*map(_cell, self._facts(prediction))]

    def members(self, prediction: Prediction) -> dict[str, Any]:
        """Return the members of a JSON object; raises as `label`."""
        scores = [prediction.scores] if self.all_scores else []
        values = [self.label(prediction), prediction.score, *scores, *self._facts(prediction)]
        return dict(zip(self.keys, values, strict=True))

    def label(self, prediction: Prediction) -> str:
        """Return the label with the highest score; of a multi-label model, all labels from its threshold on, joined.

        Raises:
            CommandError: a reader could not take them apart.
        """
        if not self.card.multi_label:
            return prediction.label
        labels = prediction.labels_from(self.card.threshold)
        joined = self.separator.join(labels)
        if labels and joined.split(self.separator) != [*labels]:
            raise _inseparable(joined, self.separator)
        return joined

    def __post_init__(self) -> None:
        found = next((label for label in self.card.labels if self.separator in label), None)
        if found is not None and self.card.multi_label:
            raise _inseparable(found, self.separator)

    def run(self, *, table: bool) -> dict[str, str]:
        """Return the options of a run that decide the form of its rows, where they are not the usual ones."""
        found = {"--all-scores": "yes"} if self.all_scores else {}
        found |= {"--details": "yes"} if self.details else {}
        if self.all_scores and table:
            digest = blake2b("\0".join(self.card.labels).encode(), digest_size=4).hexdigest()
            found["list of labels"] = f"{len(self.card.labels)} labels, {digest}"
        if self.card.multi_label:
            found |= {"--separator": self.separator, "threshold": str(self.card.threshold)}
        return found

    @property
    def _detail_names(self) -> list[str]:
        return [*Details.__slots__] if self.details else []

    def _facts(self, prediction: Prediction) -> tuple[Any, ...]:
        return astuple(prediction.details or Details()) if self.details else ()

    def _scores(self, prediction: Prediction) -> list[float]:
        if set(prediction.scores) != set(self.card.labels):
            raise CommandError(
                "the answers are of a model with other labels than the columns: leave --all-scores out, "
                "or classify the texts anew (sentiment file --fresh)"
            )
        return [prediction.scores[label] for label in self.card.labels]


def _inseparable(label: str, separator: str) -> CommandError:
    return CommandError(
        f"the label {label!r} contains the separator {separator!r}: choose another with --separator", Exit.USAGE
    )


def _not_empty(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value:
        raise click.BadParameter("at least one character")
    return value


def _cell(value: Any) -> str:
    """Return a fact as a cell: true or false as JSON has it, empty where it is not known."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


ALL_SCORES: Final = click.option(
    "--all-scores", is_flag=True, help="Add the score of each label: a column each, in NDJSON one object."
)
DETAILS: Final = click.option(
    "--details", is_flag=True, help="Add tokens, whether truncated, and the share of tokens that the model lacks."
)
SEPARATOR: Final = click.option(
    "--separator",
    type=WORD,
    default=_SEPARATOR,
    show_default=True,
    callback=_not_empty,
    help="Between the labels of a multi-label answer.",
)
