"""The table of emoji names that a bake puts into a model's folder: the short names of Unicode's CLDR in English."""

import json
from collections.abc import Container
from typing import cast

import emoji

from worker.engines.text.emoji import PLAIN


def emoji_table(known: Container[str]) -> bytes:
    """Return the table as JSON, sequence to name, in the order of the sequences.

    Args:
        known: tokens of the model's vocabulary. A symbol among them, such as the sign of copyright, keeps its form.
    """
    data = cast(dict[str, dict[str, str]], emoji.EMOJI_DATA)
    names = {
        PLAIN.sub("", sequence): entry["en"].strip(":").replace("_", " ")
        for sequence, entry in data.items()
        if "skin_tone" not in entry["en"]  # the sequence without the tone has a name of its own
    }
    names = {sequence: name for sequence, name in sorted(names.items()) if sequence not in known}
    return json.dumps(names, ensure_ascii=False, indent=0, separators=(",", ":")).encode()
