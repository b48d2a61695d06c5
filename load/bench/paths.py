"""Paths of the benchmark, relative to the root of the repository."""

from pathlib import Path
from typing import Final

BIG_MODEL: Final = Path("build/big-model")
"""Folder of the model that `load.bench.model` bakes."""
RESULTS: Final = Path("load/results")
