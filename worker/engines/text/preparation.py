"""Changes to a text before it is tokenized, by the names that a manifest lists them with."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from shared.contract.errors import ModelError

PREPARATIONS: Final[Mapping[str, Callable[[str], str]]] = {"nfc": partial(unicodedata.normalize, "NFC")}
"""``nfc``: letters and their combining accents become one character where Unicode has it."""


def preparation(names: Iterable[str]) -> tuple[Callable[[str], str], ...]:
    """Return the changes of these names, in order.

    Raises:
        ModelError: there is no such change in this release.
    """
    try:
        return tuple(PREPARATIONS[name] for name in names)
    except KeyError as error:
        raise ModelError(f"the model needs a preparation that this release does not know: {error.args[0]}") from None
