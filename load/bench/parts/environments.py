"""Environments of other systems, which may not be installed."""

import subprocess
from pathlib import Path


def has(python: Path, package: str) -> bool:
    """Return whether an interpreter is there and can import a package."""
    if not python.exists():
        return False
    return subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False).returncode == 0
