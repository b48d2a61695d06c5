"""The engines that compete, and the texts that they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from load.bench.engine.alternate import Run
from load.bench.engine.kernel import serving_variants
from load.bench.limits.yardstick_folder import yardstick_folder
from shared.contract.errors import ModelError
from worker.engines import onnx
from worker.engines.native.engine import NativeEngine
from worker.engines.weights import Shape

YARDSTICK: Final = "yardstick, one by one"
_TOKENS: Final = (8, 26, 64, 128, 512)
_TEXTS: Final = (1, 2, 4, 8)
_MIXED: Final = (12, 17, 20, 22, 24, 26, 27, 28, 32, 33, 36, 44, 14, 19, 25, 40)
"""Different lengths with the mean and the spread of the load profiles' texts (26 and 9)."""


class _Engine(Protocol):
    def logits(self, texts: Sequence[Sequence[int]]) -> list[list[float]]: ...


@dataclass(frozen=True)
class Case:
    """Texts of one call, by their lengths in tokens."""

    name: str
    lengths: tuple[int, ...]

    def ids(self, vocabulary: int) -> list[list[int]]:
        """Return random tokens, the same each time."""
        generator = np.random.default_rng(0)
        return [generator.integers(0, vocabulary, length).tolist() for length in self.lengths]


CASES: Final = (
    *(Case(f"{tokens} x {texts}", (tokens,) * texts) for tokens in _TOKENS for texts in _TEXTS),
    Case("mixed", _MIXED),
)


def engines(model_dir: Path) -> dict[str, _Engine]:
    """Load every engine that can run a model of schema 2 here, the yardstick first."""
    found: dict[str, _Engine] = {YARDSTICK: onnx.load(yardstick_folder(model_dir), 1)}
    graph = onnx.load(model_dir, 1)
    found[f"{graph.name} {graph.variant}"] = graph
    for variant in serving_variants():
        try:
            found[f"native {variant}"] = NativeEngine(model_dir, variant)
        except ModelError:
            continue  # the matrices do not have the sizes that it needs
    return found


def runs(found: dict[str, _Engine], case: Case, vocabulary: int) -> dict[str, Run]:
    """Return one call of each engine with the texts of a case."""
    ids = case.ids(vocabulary)
    return {name: partial(engine.logits, ids) for name, engine in found.items()}


def work(shape: Shape, case: Case, *, whole: bool) -> int:
    """Count the int8 multiplications of a case.

    Args:
        shape: sizes of the model.
        case: the texts.
        whole: the last layer is computed for every token, not for [CLS] alone beyond keys and values.
    """
    width, hidden = shape.width, shape.hidden
    token = 4 * width * width + 2 * width * hidden
    last = 2 * width * width
    texts, tokens = len(case.lengths), sum(case.lengths)
    if whole:
        return tokens * shape.layers * token + texts * width * width
    return tokens * ((shape.layers - 1) * token + last) + texts * (token - last + width * width)
