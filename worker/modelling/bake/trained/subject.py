"""A trained model with all that a bake must know of it before it writes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.contract.errors import ModelError
from worker.engines.facts import Task
from worker.engines.manifest import LONGEST
from worker.modelling.bake.measures.examples import Labelled, read_examples
from worker.modelling.bake.trained.labels import labels_of, task_of
from worker.modelling.bake.order import Order
from worker.modelling.bake.trained.reference import Reference
from worker.modelling.bake.reviews import CHINESE, REVIEWS
from worker.modelling.bake.trained.source import Trained, resolve

_SHORTEST: Final = 8
"""Least number of tokens to truncate to."""


@dataclass(frozen=True)
class Subject:
    """A trained model, its labels, and labelled texts, which may be none."""

    trained: Trained
    reference: Reference
    labels: tuple[str, ...]
    task: Task
    threshold: float | None
    """Of a multi-label model."""
    max_tokens: int
    data: str
    """Name of the labelled data; empty if there is none."""
    examples: Sequence[Labelled]

    @property
    def bytes_per_token(self) -> float:
        """Bytes of UTF-8 that make one token in the labelled texts, or in ours where there are none."""
        texts = [example.text for example in self.examples] or list(REVIEWS)
        return round(sum(len(text.encode()) for text in texts) / max(self._tokens(texts), 1), 2) or 1.0

    @property
    def ideograph_tokens(self) -> float:
        """Tokens that a Chinese character makes in ordinary text."""
        return round(self._tokens([CHINESE]) / len(CHINESE), 2) or 1.0

    def _tokens(self, texts: Sequence[str]) -> int:
        return sum(map(len, self.reference.tokenizer(list(texts), add_special_tokens=False)["input_ids"]))


def prepare(order: Order) -> Subject:
    """Get a model, and check everything that can be checked before it is converted.

    Raises:
        ModelError: the model, its labels, the data or an option are none that can be baked.
    """
    trained = resolve(order.source, order.expected_digest)
    task = task_of(trained.config, order.task, order.source)
    labels = labels_of(trained.config, order.labels, order.source)
    examples = [] if order.data is None else read_examples(order.data, labels, task)
    if order.calibrate and not examples:
        raise ModelError("--calibrate needs labelled texts: name their folder with --data")
    reference = Reference(trained.folder)
    if reference.outputs != len(labels):
        raise ModelError(f"{order.source} has {reference.outputs} outputs and {len(labels)} labels: see --labels")
    return Subject(
        trained=trained,
        reference=reference,
        labels=labels,
        task=task,
        threshold=order.threshold if task == "multi-label" else None,
        max_tokens=_max_tokens(order, trained, reference),
        data=f"{order.data.name} dev" if order.data else "",
        examples=examples,
    )


def _max_tokens(order: Order, trained: Trained, reference: Reference) -> int:
    """Return where texts are truncated: at the model's and the tokenizer's own greatest length, or before by option."""
    own = min(LONGEST, trained.family.longest(reference.config), reference.longest or LONGEST)
    wanted = order.max_tokens or own
    if not min(_SHORTEST, own) <= wanted <= own:
        raise ModelError(f"--max-tokens {wanted} is not between {_SHORTEST} and {own}, the model's greatest length")
    return wanted
