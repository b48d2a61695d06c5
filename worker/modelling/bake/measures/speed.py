"""The time of one text on this machine, by its number of tokens."""

import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from shared.process.settings import Settings
from worker.engines.base import Engine
from worker.engines.loading import AUTO, load_engine
from worker.engines.text.tokenizer import TextTokenizer
from worker.modelling.bake.reviews import REVIEWS

_LENGTHS: Final = (26, 128)
"""A sentence and a paragraph; the greatest length follows."""
_MOST_PASSES: Final = 20
_ENOUGH_SECONDS: Final = 0.5
_NOTICEABLE: Final = 1.05
"""Factor by which a token of the longest text takes longer than one of a shorter text."""


class Pass(NamedTuple):
    """One pass."""

    tokens: int
    seconds: float


def measure(folder: Path, max_tokens: int) -> tuple[Engine, list[Pass]]:
    """Time a baked folder with the engine that a worker would choose here, on one thread.

    Raises:
        ModelError: no engine can serve it here.
    """
    engine, tokenizer = load_engine(AUTO, folder, 1), TextTokenizer(folder, max_tokens)
    lengths = [length for length in _LENGTHS if length < max_tokens]
    return engine, [_fastest(engine, _text(tokenizer, length)) for length in [*lengths, max_tokens]]


def told(engine: Engine, passes: list[Pass]) -> Iterator[str]:
    """Yield lines that say the times, and a warning where one text takes longer than a request may."""
    times = ", ".join(f"{one.seconds * 1000:.1f} ms for {one.tokens} tokens" for one in passes)
    yield f"one text on this machine, {' '.join(filter(None, (engine.name, engine.variant)))}: {times}"
    longest, deadline = passes[-1], Settings().deadline
    if longest.seconds > deadline:
        yield (
            f"warning: a text of {longest.tokens} tokens takes {longest.seconds:.1f} s here, more than the deadline of "
            f"{deadline:g} s (SENTIMENT_DEADLINE): a request with it fails, a job does not; see --max-tokens"
        )


def attention_tokens(passes: list[Pass]) -> int:
    """Return the number of tokens at which attention takes as long as all else in a pass; 0 if it is not noticeable.

    The time of a pass is a (n + n²/A) for n tokens, where A is the number to find, so two passes give it.
    """
    shorter, longest = passes[-2:]
    if longest.tokens < 2 * shorter.tokens:
        return 0
    slower = longest.seconds / longest.tokens / (shorter.seconds / shorter.tokens)
    found = (longest.tokens - slower * shorter.tokens) / (slower - 1) if slower > _NOTICEABLE else 0
    return max(_LENGTHS[-1], round(found)) if found else 0


def _fastest(engine: Engine, text: str) -> Pass:
    """Return the fastest of some passes, as other programs may slow one down; one that takes long is not run again."""
    passes = [_pass(engine, text)]
    while len(passes) < _MOST_PASSES and sum(one.seconds for one in passes) < _ENOUGH_SECONDS:
        passes.append(_pass(engine, text))
    return min(passes, key=lambda one: one.seconds)


def _pass(engine: Engine, text: str) -> Pass:
    began = time.perf_counter()
    (record,) = engine.classify([text])
    return Pass(record.tokens or 0, time.perf_counter() - began)


def _text(tokenizer: TextTokenizer, length: int) -> str:
    """Return the shortest beginning of our reviews, over and over, that is at least this many tokens long."""
    words = list(islice(cycle(" ".join(REVIEWS).split()), length))

    def long_enough(count: int) -> bool:
        return len(tokenizer.ids(" ".join(words[:count]))) >= length

    return " ".join(words[: bisect_left(range(length), x=True, key=long_enough)])
