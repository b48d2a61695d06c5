"""Changes to a text before it is tokenized, by the names that a manifest lists them with."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError
from worker.engines.text.emoji import EmojiNames

Change = Callable[[str], str]
"""Returns the text that the tokenizer reads instead of the given one."""


def _nfc(_model_dir: Path) -> Change:
    return lambda text: unicodedata.normalize("NFC", text)


PREPARATIONS: Final[Mapping[str, Callable[[Path], Change]]] = {"nfc": _nfc, "emoji-names": EmojiNames}
"""Makers of changes from a model's folder. ``nfc``: letters and their combining accents become one character where
Unicode has it. ``emoji-names``: emoji become their English names."""


def check(names: Iterable[str]) -> None:
    """Refuse a preparation that this release does not know.

    Raises:
        ModelError: there is one.
    """
    for name in names:
        if name not in PREPARATIONS:
            raise ModelError(f"the model needs a preparation that this release does not know: {name}")


def prepare_by(names: Iterable[str], model_dir: Path) -> Change:
    """Return the function that makes all changes of these names, in order.

    Args:
        names: of `PREPARATIONS`.
        model_dir: folder of the baked model.

    Raises:
        ModelError: there is no such change in this release, or its file cannot be read.
    """
    names = tuple(names)
    check(names)
    changes = [PREPARATIONS[name](model_dir) for name in names]

    def prepare(text: str) -> str:
        for change in changes:
            text = change(text)
        return text

    return prepare
