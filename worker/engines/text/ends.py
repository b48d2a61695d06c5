"""Both ends of a pass: tokens of a text, and the record of a text."""

from collections.abc import Sequence
from pathlib import Path

from worker.engines.base import TextScores
from worker.engines.text.handling import Handling
from worker.engines.text.preparation import prepare_by
from worker.engines.text.tokenizer import TextTokenizer, Tokens


class Ends:
    """The tokenizer and the activation of a baked model.

    Args:
        model_dir: folder of the baked model.
        handling: how it reads and answers.

    Raises:
        ModelError: the tokenizer cannot be read, or a preparation is unknown.
    """

    def __init__(self, model_dir: Path, handling: Handling) -> None:
        self._tokenizer = TextTokenizer(model_dir, handling.max_tokens)
        self._activation = handling.activation
        self.prepare = prepare_by(handling.preparation, model_dir)
        """Returns the text that the tokenizer reads instead of a given one."""

    def read(self, text: str) -> Tokens:
        """Prepare and tokenize a text."""
        return self._tokenizer.read(self.prepare(text))

    def record(self, tokens: Tokens, logits: Sequence[float]) -> TextScores:
        """Return the record of a text from its tokens and outputs."""
        return TextScores(
            scores=self._activation.scores(logits),
            tokens=len(tokens.ids),
            unknown_tokens=tokens.unknown,
            tokens_before=tokens.before,
            logits=tuple(logits),
        )
