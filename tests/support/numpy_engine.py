"""An engine of the scheme in plain NumPy: slow, and independent of every runtime."""

from collections.abc import Sequence
from pathlib import Path

from tests.support.encoder import scores
from worker.engines.base import TextScores
from worker.engines.manifest import WEIGHTS_FILE
from worker.engines.text.tokenizer import TextTokenizer
from worker.engines.weights import read_weights


class NumPyEngine:
    """Reads a folder of schema 2; called `native`, since it stands in for that engine."""

    name = "native"
    variant = "numpy"

    def __init__(self, model_dir: Path, threads: int) -> None:
        assert threads == 1
        self._weights = read_weights(model_dir / WEIGHTS_FILE)
        self._text = TextTokenizer(model_dir)

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text."""
        return [TextScores(scores(self._weights, self._text.ids(text))) for text in texts]
