"""Generation of texts with an exact number of tokens."""

from typing import Final

import numpy as np

_SPECIAL: Final = 2
"""Number of special tokens: [CLS] and [SEP]."""
_WORDS: Final = (
    "the", "a", "of", "and", "film", "story", "very", "good", "bad", "with", "for", "house", "music", "long", "short",
    "great", "old", "new", "from", "world", "night", "day", "never", "always", "heart", "time", "people", "work",
    "family", "city", "water", "light", "dark", "small", "large", "first", "last", "white", "black", "war",
)  # fmt: skip
"""Words that are one token of BERT's uncased vocabulary each."""


def text_of(tokens: int, generator: np.random.Generator) -> str:
    """Return a random text with a number of tokens, the two special ones included."""
    return " ".join(generator.choice(_WORDS, tokens - _SPECIAL))
