"""Environments of other systems, which may not be installed."""

import subprocess
from pathlib import Path

_FIND = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"


def has(python: Path, package: str) -> bool:
    """Return whether an interpreter is there and finds a package."""
    return python.exists() and subprocess.run([python, "-c", _FIND, package], check=False).returncode == 0
