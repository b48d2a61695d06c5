"""The folders of a release, and commands whose failure ends a step."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.chart.tools import ROOT

BUILD: Final = ROOT / "build" / "release"
ARTIFACTS: Final = BUILD / "artifacts"
"""Folder of the artefacts, and of nothing else."""
_SHOWN: Final = 3000
_HIDDEN: Final = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class StepError(Exception):
    """An error that forbids a release; its message names the cause."""


def require(condition: object, message: str) -> None:
    """Check a condition of a release.

    Raises:
        StepError: it does not hold.
    """
    if not condition:
        raise StepError(message)


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with more variables, and without those that lead Python to this checkout."""
    product = ("SENTIMENT_", *_HIDDEN)
    return {name: value for name, value in os.environ.items() if not name.startswith(product)} | dict(more or {})


def call(*command: str | Path, cwd: Path = ROOT, more: Mapping[str, str] | None = None, seconds: float = 600) -> str:
    """Run a command, and return its standard output.

    Args:
        command: the program and its arguments.
        cwd: its working directory.
        more: variables that are added to its environment.
        seconds: its time limit.

    Raises:
        StepError: it has failed, or the time is over.
    """
    shown = " ".join(map(str, command))[:200]
    try:
        done = subprocess.run(
            command, cwd=cwd, env=clean_environment(more), capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise StepError(f"{shown}: no end after {seconds:g} s") from None
    if done.returncode:
        raise StepError(f"{shown}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-_SHOWN:]}")
    return done.stdout


def pip(*arguments: str | Path, more: Mapping[str, str] | None = None) -> str:
    """Run this interpreter's pip, and return its standard output."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    return call(sys.executable, "-m", "pip", *arguments, more={**quiet, **(more or {})})
