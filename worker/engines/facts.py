"""The parts of a manifest: labels, the source of the weights, and the measurements of a bake."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.contract.card import Measured, Polarity

MOST_LABELS: Final = 1000

Task = Literal["single-label", "multi-label"]
"""Whether one label or any number of them apply to a text."""
_POLARITIES: Final[dict[str, Polarity]] = {"positive": "positive", "negative": "negative", "neutral": "neutral"}
"""Meaning of labels that say it themselves, in any case."""


def _distinct(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(labels)) < len(labels):
        raise ValueError("each label must be another")
    return labels


_Label = Annotated[
    str,
    # The joiners U+200C and U+200D are part of words in some scripts, and of emoji.
    Field(min_length=1, max_length=100, pattern=r"^(?:[^\p{C}\p{Zl}\p{Zp}]|[\x{200C}\x{200D}])+$"),
]
Labels = Annotated[tuple[_Label, ...], Field(min_length=2, max_length=MOST_LABELS), AfterValidator(_distinct)]
"""Names of a model's outputs: distinct, without control characters."""


def polarity_of(labels: tuple[str, ...]) -> dict[str, Polarity]:
    """Return the meaning of labels as good or bad where all of them say it themselves, else nothing."""
    found = {label: _POLARITIES.get(label.lower()) for label in labels}
    return {label: polarity for label, polarity in found.items() if polarity} if all(found.values()) else {}


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(_Facts):
    """Where the weights come from."""

    kind: Literal["hub", "folder"]
    name: str
    """Hub id, or the folder's name."""
    revision: str
    """Commit on the hub, or the digest of the folder's weights."""


class Accuracy(_Facts):
    """Shares of right answers on labelled data, 0 to 1; in a multi-label model, of right decisions at the threshold."""

    data: str
    texts: int
    fp32: float
    int8: float | None = None
    """None where the model is served in fp32."""
    agreement: float = 1.0
    """Share of texts on which both give the same label; in a multi-label model, that of the label with the lowest."""

    def measured(self, calibration: "Calibration | None") -> Measured:
        """Return this for the model's card."""
        served = self.fp32 if self.int8 is None else self.int8
        error = calibration.error if calibration else None
        return Measured(data=self.data, texts=self.texts, accuracy=served, fp32=self.fp32, calibration_error=error)


class Bin(_Facts):
    """The answers of labelled data whose score is in one interval."""

    confidence: float
    """Mean score."""
    accuracy: float
    """Share of right ones."""
    count: int


class Calibration(_Facts):
    """How far scores are from the shares of right answers, on labelled data."""

    data: str
    error: float
    """Expected calibration error (ECE), 0 to 1."""
    bins: tuple[Bin, ...]
    """Those of ten equal intervals of the score that have answers."""


class Parity(_Facts):
    """Distance from the transformers pipeline on the built-in texts."""

    texts: int
    fp32_max_difference: float
    """Largest difference of any score."""
    int8_max_difference: float | None = None
    """None where the model is served in fp32."""
    int8_agreement: float = 1.0
    """As in `Accuracy.agreement`."""
