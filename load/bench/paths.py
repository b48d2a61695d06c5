"""Paths of the benchmark, relative to the root of the repository."""

from pathlib import Path
from typing import Final

BIG_MODEL: Final = Path("build/big-model")
"""The 66 M-parameter shape that `load.bench.models` makes."""
COMPACT_MODEL: Final = Path("build/compact-model")
"""The shape of the model in the repository."""
PYTHONS: Final = {
    "torch": Path(".venv-torch/bin/python"),
    "rivals": Path("build/environments/rivals/bin/python"),
    "infinity": Path("build/environments/infinity/bin/python"),
}
"""Interpreters of the environments of other systems, which `make bench-baselines` installs."""
RESULTS: Final = Path("load/results")
