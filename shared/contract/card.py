"""The card of a model: the part of its manifest that API and clients need. A worker announces it by version."""

import json
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.tokens import Cost

_SCORE_BYTES: Final = 50
"""Most bytes of a label's entry in an answer, without the label's name."""

Polarity = Literal["positive", "negative", "neutral"]


class Measured(BaseModel):
    """Quality of a model on labelled data that it was not trained on."""

    model_config = ConfigDict(frozen=True)

    data: str
    """Name of the data."""
    texts: int
    accuracy: float
    """Share of right answers, 0 to 1; in a multi-label model, of right decisions at the threshold."""
    fp32: float | None = None
    """The same of the weights before quantisation."""
    calibration_error: float | None = None
    """Expected calibration error (ECE), 0 to 1; None if it was not measured."""


class ModelCard(BaseModel):
    """A model's labels, task, bounds and quality. Unknown fields, which a later release may add, are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    name: str
    """A name for people."""
    description: str = ""
    labels: tuple[str, ...]
    """Names of the model's outputs, in their order."""
    task: Literal["single-label", "multi-label"] = "single-label"
    """Whether the scores of an answer add up to 1 (softmax), or each label has its own probability (sigmoid)."""
    threshold: float = 0.5
    """Score from which a label of a multi-label model applies."""
    polarity: dict[str, Polarity] = Field(default_factory=dict)
    """Meaning of labels as good or bad, for colours; empty where the labels have none."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes; empty if unknown."""
    architecture: str = ""
    """The model's type as transformers names it, for instance ``distilbert``."""
    precision: Literal["int8", "fp32"] = "int8"
    max_tokens: int = Cost().max_tokens
    """Longer texts are truncated to this many tokens."""
    bytes_per_token: float = Cost().bytes_per_token
    """This and the next two are for estimates of a text's work, see `shared.contract.tokens.Cost`."""
    ideograph_tokens: float = Cost().ideograph_tokens
    attention_tokens: int = Cost().attention_tokens
    preparation: tuple[str, ...] = ()
    """Names of the changes to a text before it is tokenized."""
    size_bytes: int = 0
    """Size of the weights."""
    source: str = ""
    """Hub id and revision, or the folder's name."""
    measured: Measured | None = None

    @property
    def answer_bytes(self) -> int:
        """Return the most bytes that one answer takes as JSON."""
        return 2 + sum(_SCORE_BYTES + len(json.dumps(label, ensure_ascii=False).encode()) for label in self.labels)

    @property
    def cost(self) -> Cost:
        """Return the numbers by which the work for a text is estimated."""
        return Cost(self.max_tokens, self.bytes_per_token, self.ideograph_tokens, self.attention_tokens)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON that `encode` has written.

        Raises:
            ValidationError: it is no card.
        """
        return cls.model_validate_json(data)

    def encode(self) -> bytes:
        """Write the card as JSON."""
        return self.model_dump_json().encode()
