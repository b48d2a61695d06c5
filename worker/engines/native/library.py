"""The compiled library: which variants this processor runs, and its functions with their types."""

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

from shared.contract.errors import ModelError

LIBRARY: Final = Path(__file__).parent / "libsentiment.so"
"""`make run`, `make test` and the worker's image compile it from ``source/``."""
REFERENCE_VARIANT: Final = "portable"
"""Plain C, which the tests compare the others with: too slow to serve."""
_SIZES: Final = ("layers", "width", "hidden", "heads", "vocabulary", "positions", "labels")
_FAILURES: Final = {1: "too many tokens", 2: "a text of an impossible length", 3: "a token outside the vocabulary"}


class Model:
    """A mapped file of weights, with the variant that runs it.

    Args:
        path: the file, as `worker.engines.weights` describes it; it must not change while it is mapped.
        variant: one of `variants`.

    Raises:
        ModelError: the library is not there, the file is not one of weights, or the variant cannot run it here.
    """

    def __init__(self, path: Path, variant: str) -> None:
        self._library = load()
        self.handle = self._library.sentiment_open(bytes(path), variant.encode())
        """The library's own pointer."""
        if not self.handle:
            raise ModelError(f"the native engine's variant {variant} cannot run the weights in {path}")
        sizes = (ctypes.c_int32 * len(_SIZES))()
        self._library.sentiment_sizes(self.handle, sizes)
        named = dict(zip(_SIZES, sizes, strict=True))
        self.width, self.positions, self.labels = named["width"], named["positions"], named["labels"]

    def __del__(self) -> None:
        """Unmap the file."""
        if getattr(self, "handle", None):
            self._library.sentiment_close(self.handle)


class Arena:
    """The memory of one thread for forward passes of at most `tokens` tokens.

    Raises:
        MemoryError: there is not enough.
    """

    def __init__(self, model: Model, tokens: int) -> None:
        self._model = model
        self._library = load()
        self._arena = self._library.sentiment_arena(model.handle, tokens)
        if not self._arena:
            raise MemoryError(f"no memory for passes of {tokens} tokens")

    def logits(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Compute one row of logits for each text from its token ids; other threads run meanwhile.

        Raises:
            ValueError: a token or a length is impossible, or there are too many tokens.
        """
        lengths = list(map(len, texts))
        ids = (ctypes.c_int32 * sum(lengths))(*chain.from_iterable(texts))
        labels = self._model.labels
        logits = (ctypes.c_float * (labels * len(texts)))()
        failure = self._library.sentiment_forward(
            self._model.handle, self._arena, ids, (ctypes.c_int32 * len(texts))(*lengths), len(texts), logits
        )
        if failure:
            raise ValueError(_FAILURES[failure])
        return [logits[first : first + labels] for first in range(0, len(logits), labels)]

    def __del__(self) -> None:
        """Give the memory back."""
        if getattr(self, "_arena", None):
            self._library.sentiment_release(self._arena)


@cache
def load() -> Any:
    """Load the library.

    Raises:
        ModelError: it was not compiled, or for another machine.
    """
    try:
        library = ctypes.CDLL(str(LIBRARY))
    except OSError as error:
        raise ModelError(f"the native engine is not there: {error}") from None
    pointer, integer, string = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "variant": (string, [ctypes.c_uint]),
        "open": (pointer, [string, string]),
        "close": (None, [pointer]),
        "sizes": (None, [pointer, pointer]),
        "arena": (pointer, [pointer, integer]),
        "release": (None, [pointer]),
        "forward": (integer, [pointer, pointer, pointer, pointer, integer, pointer]),
        "quantise": (None, [pointer, pointer, integer, integer, pointer, pointer]),
        "integers": (None, [pointer, integer, pointer, integer, pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, f"sentiment_{name}")
        function.restype, function.argtypes = result, arguments
    return library


def variants() -> list[str]:
    """Return the variants that this processor runs, from the fastest to the slowest, `REFERENCE_VARIANT` last.

    Raises:
        ModelError: the library is not there.
    """
    names: Iterator[bytes] = iter(partial(next, map(load().sentiment_variant, count())), None)
    return [name.decode() for name in names if name]
