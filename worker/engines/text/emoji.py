"""Emoji to their English names, by a table that a bake puts beside the model."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError
from worker.engines.base import reason

EMOJI_FILE: Final = "emoji.json"
"""Emoji sequence, without the characters of `PLAIN`, to its name."""

PLAIN: Final = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")
"""Characters that change an emoji's look and not its meaning: the variation selector, and skin tones."""


class EmojiNames:
    """Replaces each emoji of a text by its name, with a space on either side; other text keeps every character.

    The time is linear in the length of a text: at each character, as many table entries are tried as there are lengths
    of sequences that begin with it.

    Args:
        model_dir: folder of the baked model.

    Raises:
        ModelError: the table is missing or cannot be read.
    """

    def __init__(self, model_dir: Path) -> None:
        try:
            self._names: dict[str, str] = json.loads((model_dir / EMOJI_FILE).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"the model in {model_dir} cannot be loaded: {EMOJI_FILE}: {reason(error)}") from error
        lengths = defaultdict(set)
        for sequence in self._names:
            lengths[sequence[0]].add(len(sequence))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        self._first = re.compile(f"[{''.join(map(re.escape, self._lengths))}]")

    def __call__(self, text: str) -> str:
        """Return the text with the names of its emoji."""
        if text.isascii():
            return text
        plain = PLAIN.sub("", text)
        pieces: list[str] = []
        end = 0
        for found in self._first.finditer(plain):
            start = found.start()
            if start < end or (sequence := self._at(plain, start)) is None:
                continue
            pieces += [plain[end:start], self._names[sequence]]
            end = start + len(sequence)
        return _join([*pieces, plain[end:]]) if pieces else text

    def _at(self, text: str, start: int) -> str | None:
        """Return the longest sequence of the table that begins at an index."""
        for length in self._lengths[text[start]]:
            if (sequence := text[start : start + length]) in self._names:
                return sequence
        return None


def _join(pieces: list[str]) -> str:
    """Join text and names, which alternate, with a space between two that touch."""
    joined: list[str] = []
    for piece in filter(None, pieces):
        if joined and not (joined[-1][-1].isspace() or piece[0].isspace()):
            joined.append(" ")
        joined.append(piece)
    return "".join(joined)
