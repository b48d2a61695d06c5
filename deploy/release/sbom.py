"""Software bills of materials (CycloneDX) of the environments of both images."""

import json
import sys
from pathlib import Path
from typing import Final

from deploy.chart.tools import ROOT
from deploy.release.step import ARTIFACTS, BUILD, call, require

_PARTS: Final = ("api", "worker")
_OWN: Final = "sentiment-service"


def write_sboms() -> str:
    """Write the bill of materials of each image's Python environment, validated by CycloneDX's schema.

    Raises:
        StepError: a bill is not valid, or has a component that is not pinned.
    """
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line)
    pins = {_plain(name): version for name, version in pins.items()}
    notes = []
    for part in _PARTS:
        path = ARTIFACTS / f"sentiment-{part}.cdx.json"
        _write(BUILD / "environments" / part / "bin" / "python", path)
        components = json.loads(path.read_text("utf-8"))["components"]
        own = [component for component in components if component["name"] == _OWN]
        others = {_plain(entry["name"]): entry["version"] for entry in components if entry not in own}
        wrong = {name: version for name, version in others.items() if pins.get(name) != version}
        require(others, f"{path.name} has no components")
        require(not wrong, f"{path.name}: constraints.txt has no {wrong}")
        notes.append(f"{path.name}: {len(others)} components, all pinned")
    return "; ".join(notes)


def _write(python: Path, path: Path) -> None:
    command = Path(sys.executable).with_name("cyclonedx-py")
    options: list[str | Path] = ["--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--validate"]
    call(command, "environment", *options, "--output-file", path, python)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
