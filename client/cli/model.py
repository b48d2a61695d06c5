"""``sentiment model``: the card of the active model, and waiting for a model."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, repeat
from typing import Final

import click

from client.card import ModelCard
from client.cli.options import Target, service_options
from client.cli.process.ending import CommandError, Exit
from client.cli.screen import engine_words, table
from client.core import SAYS_NOTHING
from client.errors import ApiError
from client.sync import SentimentClient

_MB: Final = 1_000_000
_MOST_LABELS: Final = 20
_ASK_AGAIN_SECONDS: Final = 1.0
_NONE: Final = "no worker has announced a model yet"


@click.command(short_help="Show the card of the model that answers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all labels.")
@service_options
def model(as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """Show the card of the active model: labels, bounds and measured quality."""
    with target.connect() as client:
        card = client.model()
    if not card.labels:
        raise CommandError(_NONE, Exit.NOT_NOW)
    click.echo(json.dumps(asdict(card)) if as_json else table([*_rows(card)]))
    return Exit.DONE


def served(client: SentimentClient, timeout: float | None = None) -> ModelCard | None:
    """Return the card of the active model; None if the service hides it, or is of a release that does not tell it."""
    try:
        card = client.model(timeout=timeout)
        return card if card.labels or "model" in client.stats(timeout=timeout) else None
    except ApiError as error:
        if error.status not in SAYS_NOTHING:
            raise
        return None


def awaited(client: SentimentClient, target: Target, patience: float) -> ModelCard:
    """Return the card of the active model; wait until a worker has announced one.

    Args:
        client: asks the service.
        target: tells people that the command waits.
        patience: longest wait, in seconds.

    Raises:
        CommandError: no worker has announced a model in this time.
    """
    end = time.monotonic() + patience
    told = False
    while (card := served(client, patience)) is not None and not card.labels:
        if time.monotonic() > end:
            raise CommandError(_NONE, Exit.NOT_NOW)
        if not told:
            target.say("Waiting for a worker that announces a model.")
            told = True
        time.sleep(_ASK_AGAIN_SECONDS)
    return card or ModelCard()


def _rows(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Yield the names and values of what is known."""
    bounds = f"{card.max_tokens:,} tokens; longer texts are cut" if card.max_tokens else ""
    rows = [
        ("name", card.name),
        ("description", card.description),
        *zip(chain(["labels"], repeat("")), _labels(card), strict=False),
        ("task", _task(card)),
        ("languages", ", ".join(card.languages)),
        ("longest text", bounds),
        ("preparation", ", ".join(card.preparation)),
        ("accuracy", _accuracy(card)),
        ("calibration", _calibration(card)),
        ("architecture", " ".join(filter(None, (card.architecture, card.precision)))),
        ("size", f"{card.size_bytes / _MB:,.1f} MB" if card.size_bytes else ""),
        ("engines", ", ".join(map(engine_words, card.engines))),
        ("source", card.source),
        ("version", card.version),
    ]
    return (row for row in rows if row[1])


def _labels(card: ModelCard) -> list[str]:
    """Return a line for each label with its polarity, for at most 20 of them."""
    lines = [f"{label} ({card.polarity[label]})" if label in card.polarity else label for label in card.labels]
    more = len(lines) - _MOST_LABELS
    return [*lines[:_MOST_LABELS], f"and {more:,} more; --json has all"] if more > 0 else lines


def _task(card: ModelCard) -> str:
    if card.multi_label:
        return f"multi-label: each label has its own probability, and applies from {card.threshold:g} on"
    return "single-label: the scores of all labels add up to 1"


def _accuracy(card: ModelCard) -> str:
    measured = card.measured
    if measured is None:
        return "not measured"
    whole = "" if measured.fp32 is None else f", {measured.fp32:.4f} in fp32"
    return f"{measured.accuracy:.4f} on {measured.texts:,} texts of {measured.data}{whole}"


def _calibration(card: ModelCard) -> str:
    error = card.measured.calibration_error if card.measured else None
    return "not measured" if error is None else f"expected error {error:.4f} (0 is best)"
