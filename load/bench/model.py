"""``python -m load.bench.model``: bake a DistilBERT with 66 M parameters and random weights.

The time of a forward pass does not depend on the values of the weights, so it is that of the production model. The
model is baked as any other, with all checks. This needs the train extra.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from load.bench.paths import BIG_MODEL
from shared.contract.errors import SentimentError
from tests.support.tiny import save_tiny
from worker.modelling.bake.run import Order, bake_model

SHAPE: Final[dict[str, Any]] = {
    "dim": 768,
    "n_layers": 6,
    "n_heads": 12,
    "hidden_dim": 3072,
    # Keeps the activations' spread of the tiny model, so that answers vary with the text.
    "initializer_range": 0.04,
}
"""The configuration of DistilBERT base (Sanh et al. 2019) on the hub."""


def main() -> int:
    """Make the model and bake it; return 2 if it cannot be baked, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m load.bench.model", description=__doc__)
    parser.add_argument("--output", type=Path, default=BIG_MODEL, help=f"folder of the baked model ({BIG_MODEL})")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights (0)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sentiment-shape-") as scratch:
        source = save_tiny(Path(scratch, "distilbert-base-shape"), options.seed, **SHAPE)
        order = Order(str(source), options.output, f"random DistilBERT base, seed {options.seed}", keep_weights=True)
        try:
            manifest = bake_model(order, print)
        except SentimentError as error:
            sys.stderr.write(f"error: {error}\n")
            return 2
    print(f"version {manifest.version} in {options.output}: {manifest.parity}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
