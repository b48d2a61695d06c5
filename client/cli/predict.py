"""``sentiment predict``: sentences from the line or from stdin."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import click

from client.card import ModelCard
from client.cli.answers import DETAILS, SEPARATOR, Answers
from client.cli.model import served
from client.cli.options import Target, service_options
from client.cli.process.ending import Exit
from client.cli.source import open_input
from client.cli.text import Text
from client.models import Outcome, TextFailure
from client.sync import SentimentClient

_SHOWN: Final = 200
"""Characters of a text that has no answer; it may be there because it is too long."""


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--top-k", type=click.IntRange(min=1), metavar="K", help="Show the K highest labels, a line for each.")
@DETAILS
@SEPARATOR
@click.option("--encoding", help="Of stdin, if it is not UTF-8.")
@service_options
def predict(texts: tuple[str, ...], encoding: str | None, target: Target, **options: Any) -> Exit:
    """Classify each TEXT, or each line of stdin.

    Prints label, score and text, one line for each, as they are answered; a text that has no answer is an ERROR with
    its reason, and the exit code 3. The label of a multi-label model is all labels that apply, joined; the score is
    that of the highest.

    \b
      sentiment predict "What a lovely day"
      cut -f2 reviews.tsv | sentiment predict --json
    """
    failed = False
    with target.connect() as client:
        lines = _Lines(client, **options)
        for batch in [[_argument(text) for text in texts]] if texts else _lines_of_stdin(encoding):
            for text, outcome in zip(batch, lines.outcomes(batch), strict=True):
                sys.stdout.write(lines.of(text, outcome))
                failed = failed or isinstance(outcome, TextFailure)
            sys.stdout.flush()
    return Exit.TEXTS_FAILED if failed else Exit.DONE


class _Lines:
    """The lines of output.

    Args:
        client: asks the service.
        as_json: see the command's option, as for the others.
        top_k: see above.
        details: see above.
        separator: see above.
    """

    def __init__(
        self, client: SentimentClient, *, as_json: bool, top_k: int | None, details: bool, separator: str
    ) -> None:
        self._client = client
        self._as_json = as_json
        self._top_k = top_k
        self._details = details
        self._separator = separator

    def outcomes(self, texts: Sequence[str]) -> Iterator[Outcome]:
        """Ask for the answers to some texts."""
        return self._client.predict_many(texts, top_k=self._top_k, details=self._details)

    def of(self, text: str, outcome: Outcome) -> str:
        """Return the line of a text, or its lines."""
        if self._as_json:
            return self._object(text, outcome)
        if isinstance(outcome, TextFailure):
            return f"ERROR\t{outcome.code}\t{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}\n"
        pairs = outcome.scores.items() if self._top_k else [(self._answers.label(outcome), outcome.score)]
        details = self._answers.detail_cells(outcome)
        return "".join("\t".join([label, f"{score:.4f}", *details, text]) + "\n" for label, score in pairs)

    def _object(self, text: str, outcome: Outcome) -> str:
        document: dict[str, Any] = {"text": text}
        if isinstance(outcome, TextFailure):
            document["error"] = {"code": outcome.code, "detail": outcome.detail}
        else:
            document |= self._answers.members(outcome)
        return json.dumps(document, ensure_ascii=not text.isprintable()) + "\n"

    @cached_property
    def _answers(self) -> Answers:
        """The form of answers; the model is known when a worker has answered."""
        card = served(self._client) or ModelCard()
        return Answers(card, self._separator, all_scores=True, details=self._details)


def _argument(text: str) -> str:
    """Read an argument as UTF-8 in any locale; other bytes become a text that cannot be sent."""
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        return text


def _lines_of_stdin(encoding: str | None) -> Iterator[Sequence[str]]:
    if sys.stdin.isatty():
        click.echo("One text a line; Ctrl-D ends.", err=True)
    with open_input("-") as source:
        yield from Text(source, encoding).available_lines()
