"""The table of emoji names that a bake puts into a model's folder: the short names of Unicode's CLDR in English."""

import json
from typing import cast

import emoji

from worker.engines.text.emoji import PLAIN


def emoji_table() -> bytes:
    """Return the table as JSON, sequence to name, in the order of the sequences."""
    data = cast(dict[str, dict[str, str]], emoji.EMOJI_DATA)
    names = {
        PLAIN.sub("", sequence): entry["en"].strip(":").replace("_", " ")
        for sequence, entry in data.items()
        if "skin_tone" not in entry["en"]  # the sequence without the tone has a name of its own
    }
    return json.dumps(dict(sorted(names.items())), ensure_ascii=False, indent=0, separators=(",", ":")).encode()
