"""``sentiment predict``: sentences from the line or from stdin."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from client.cli.options import Target, service_options
from client.cli.process.ending import Exit
from client.cli.source import open_input
from client.cli.text import Text
from client.models import Outcome, TextFailure

_SHOWN: Final = 200
"""Characters of a text that has no answer; it may be there because it is too long."""


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--encoding", help="Of stdin, if it is not UTF-8.")
@service_options
def predict(texts: tuple[str, ...], as_json: bool, encoding: str | None, target: Target) -> Exit:  # noqa: FBT001
    """Classify each TEXT, or each line of stdin.

    Prints label, score and text, one line for each, as they are answered; a text that has no answer is an ERROR with
    its reason, and the exit code 3.

    \b
      sentiment predict "What a lovely day"
      cut -f2 reviews.tsv | sentiment predict --json
    """
    failed = False
    with target.connect() as client:
        for batch in [[_argument(text) for text in texts]] if texts else _lines_of_stdin(encoding):
            for text, outcome in zip(batch, client.predict_many(batch), strict=True):
                sys.stdout.write(_as_json(text, outcome) if as_json else _as_line(text, outcome))
                failed = failed or isinstance(outcome, TextFailure)
            sys.stdout.flush()
    return Exit.TEXTS_FAILED if failed else Exit.DONE


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


def _as_line(text: str, outcome: Outcome) -> str:
    if isinstance(outcome, TextFailure):
        return f"ERROR\t{outcome.code}\t{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}\n"
    return f"{outcome.label}\t{outcome.score:.4f}\t{text}\n"


def _as_json(text: str, outcome: Outcome) -> str:
    document: dict[str, Any] = {"text": text}
    if isinstance(outcome, TextFailure):
        document["error"] = {"code": outcome.code, "detail": outcome.detail}
    else:
        document |= {"label": outcome.label, "score": outcome.score, "scores": outcome.scores}
    return json.dumps(document, ensure_ascii=not text.isprintable()) + "\n"
