"""``python -m load.bench.models``: make a DistilBERT with random weights in one of the measured sizes.

The arithmetic of a forward pass does not depend on the values of the weights, so its time is the production model's.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from load.bench.models.folder import write_model
from load.bench.models.shapes import COMPACT, LARGE, random_weights
from load.bench.paths import BIG_MODEL, COMPACT_MODEL

_SIZES: Final = {"big": (LARGE, BIG_MODEL), "compact": (COMPACT, COMPACT_MODEL)}


def main() -> int:
    """Make the model."""
    parser = argparse.ArgumentParser(prog="python -m load.bench.models", description=__doc__)
    parser.add_argument(
        "size", choices=_SIZES, help="the production model's (66 M parameters), or that of the one here"
    )
    parser.add_argument("--output", type=Path, help=f"folder of the model ({BIG_MODEL}, {COMPACT_MODEL})")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights (0)")
    options = parser.parse_args()
    shape, usual = _SIZES[options.size]
    output = options.output or usual
    manifest = write_model(output, random_weights(shape, options.seed), f"random {options.size}, seed {options.seed}")
    print(f"version {manifest.version} in {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
