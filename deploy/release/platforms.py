"""The wheels of all dependencies on processors and systems that this machine is not."""

import json
from typing import Final

from deploy.chart.tools import ROOT
from deploy.release.environments import API_EXTRAS, WORKER_EXTRAS
from deploy.release.step import BUILD, StepError, pip
from deploy.requirements import requirements

_EXTRAS: Final = f"{API_EXTRAS},{WORKER_EXTRAS},tracing,client"
_GLIBC: Final = range(17, 37)
"""Minor versions of glibc 2 up to that of the images (Debian 12)."""
_PLATFORMS: Final = {
    "Linux aarch64": ("manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in _GLIBC)),
    "Linux x86_64": ("manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in _GLIBC)),
    "macOS arm64": ("macosx_14_0_arm64",),
}
_PYTHON: Final = "3.13"
"""That of the images."""


def resolve_platforms() -> str:
    """Resolve the images' dependencies for each platform to wheels alone, without downloading them.

    The conditions of requirements are those of this machine, because pip does not evaluate them for another.

    Raises:
        StepError: a dependency has no wheel there.
    """
    return "; ".join(f"{name}: {_resolve(name, tags)} wheels" for name, tags in _PLATFORMS.items())


def _resolve(name: str, tags: tuple[str, ...]) -> int:
    platforms = [argument for tag in tags for argument in ("--platform", tag)]
    only = ["--only-binary=:all:", "--implementation", "cp", "--python-version", _PYTHON, *platforms]
    pins = ["--constraint", str(ROOT / "constraints.txt")]
    options = ["--dry-run", "--ignore-installed", "--quiet", "--report", "-", *pins]
    # pip asks for a target, and writes nothing to it.
    options += ["--target", str(BUILD / "target")]
    try:
        report = pip("install", *options, *only, *requirements(_EXTRAS))
    except StepError as error:
        raise StepError(f"{name}: {error}") from None
    return len(json.loads(report)["install"])
