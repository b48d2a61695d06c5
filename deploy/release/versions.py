"""The version, which several files repeat."""

import os
import tomllib

import yaml

from api.version import VERSION
from client.version import VERSION as CLIENT_VERSION
from deploy.chart.tools import CHART, ROOT
from deploy.release.step import require


def check_versions() -> str:
    """Check that all files have the same version, on a tag the tag and the changelog too.

    Raises:
        StepError: they differ.
    """
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    found = {
        "pyproject.toml": _project("pyproject.toml"),
        "client/pyproject.toml": _project("client/pyproject.toml"),
        "client/version.py": CLIENT_VERSION,
        "Chart.yaml, version": chart["version"],
        "Chart.yaml, appVersion": chart["appVersion"],
    }
    wrong = [f"{where}: {version}" for where, version in found.items() if version != VERSION]
    require(not wrong, f"api/version.py has {VERSION}, but {'; '.join(wrong)}")
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if line.startswith("## ")]
    require(headings, "CHANGELOG.md has no section")
    if os.environ.get("GITHUB_REF_TYPE") == "tag":
        tag = os.environ["GITHUB_REF_NAME"]
        require(tag == f"v{VERSION}", f"the tag is {tag}, but the version {VERSION}")
        require(VERSION in headings[0], f"the changelog begins with {headings[0]!r}, not with {VERSION}")
    return f"{VERSION} in {len(found) + 1} places; the changelog begins with {headings[0].removeprefix('## ')!r}"


def _project(path: str) -> str:
    version: str = tomllib.loads((ROOT / path).read_text("utf-8"))["project"]["version"]
    return version
