"""``python -m load.bench.models``: make the 66 M-parameter DistilBERT shape with random weights.

The arithmetic of a forward pass does not depend on the values of the weights, so its time is the production model's.
"""

import argparse
import sys
from pathlib import Path

from load.bench.models.folder import write_model
from load.bench.models.shapes import LARGE, random_weights
from load.bench.paths import BIG_MODEL


def main() -> int:
    """Make the model."""
    parser = argparse.ArgumentParser(prog="python -m load.bench.models", description=__doc__)
    parser.add_argument("--output", type=Path, default=BIG_MODEL, help=f"folder of the model ({BIG_MODEL})")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights (0)")
    options = parser.parse_args()
    name = f"random DistilBERT base, seed {options.seed}"
    manifest = write_model(options.output, random_weights(LARGE, options.seed), name)
    print(f"version {manifest.version} in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
