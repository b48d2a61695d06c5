"""Lengths of the traffic profiles' texts, in tokens."""

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from load.generate.plan import make_plan, texts

_TEXTS: Final = 4000
_STEP: Final = 4
_TOKENIZER: Final = Path(__file__).parents[3] / "worker/model/tokenizer.json"


def length_mix(seed: int = 1) -> dict[int, float]:
    """Return the share of missed texts by their number of tokens, rounded to multiples of four.

    Raises:
        BenchError: Node is missing.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-lengths-") as folder:
        base = "http://127.0.0.1/project"
        plan = asyncio.run(make_plan(Path(folder), base, "cold", seed=seed, clients=1, count=_TEXTS, salt="length"))
        encodings = Tokenizer.from_file(str(_TOKENIZER)).encode_batch(texts(plan))
    counts = Counter(_STEP * round(len(encoding.ids) / _STEP) for encoding in encodings)
    return {tokens: count / len(encodings) for tokens, count in sorted(counts.items())}
