"""Empty environments into which the wheels are installed, as the images install the code."""

import sys
from pathlib import Path
from typing import Final

from deploy.chart.tools import ROOT
from deploy.release.step import BUILD, call, pip

API_EXTRAS: Final = "api"
"""Extras of the API's image."""
WORKER_EXTRAS: Final = "worker,flower"
"""Extras of the worker's image."""


def make(name: str) -> Path:
    """Make an empty environment without pip, and return its interpreter."""
    folder = BUILD / "environments" / name
    call(sys.executable, "-m", "venv", "--clear", "--without-pip", folder)
    return folder / "bin" / "python"


def install(python: Path, wheel: Path, extras: str = "") -> None:
    """Install a wheel with some extras, at the pinned versions."""
    pins = ROOT / "constraints.txt"
    what = f"{wheel}[{extras}]" if extras else str(wheel)
    pip("--python", python, "install", "--quiet", "--constraint", pins, what)


def installed(python: Path) -> dict[str, str]:
    """Return name and version of each distribution of an environment."""
    script = "import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata['Name'], d.version)"
    lines = call(python, "-I", "-c", script).splitlines()
    return dict(line.split() for line in lines)
