"""The wheels of service and client, built from the files that Git tracks."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from api.version import VERSION
from deploy.chart.tools import ROOT
from deploy.release.step import ARTIFACTS, call, pip, require

SERVICE = ARTIFACTS / f"sentiment_service-{VERSION}-py3-none-any.whl"
CLIENT = ARTIFACTS / f"sentiment_client-{VERSION}-py3-none-any.whl"


def build_wheels() -> str:
    """Build both wheels, twice, and check that the bytes are the same.

    Raises:
        StepError: a wheel cannot be built, or a second build differs.
    """
    with TemporaryDirectory(prefix="sentiment-release-") as scratch:
        source, again = Path(scratch) / "source", Path(scratch) / "again"
        changed = _copy(source)
        for wheel, folder in ((SERVICE, source), (CLIENT, source / "client")):
            for target in (ARTIFACTS, again):
                _build(folder, target)
            require(wheel.exists(), f"{wheel.name} was not built")
            same = wheel.read_bytes() == (again / wheel.name).read_bytes()
            require(same, f"{wheel.name}: a second build has other bytes")
    state = f", with {changed} uncommitted changes" if changed else ""
    sizes = ", ".join(f"{wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB)" for wheel in (SERVICE, CLIENT))
    return f"{sizes}, each built twice with the same bytes{state}"


def _copy(target: Path) -> int:
    """Copy the tracked files, so that nothing else is in a wheel; return the number of uncommitted changes."""
    names = _git("ls-files", "-z").split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return len(_git("status", "--porcelain").splitlines())


def _build(folder: Path, target: Path) -> None:
    epoch = {"SOURCE_DATE_EPOCH": _git("log", "-1", "--format=%ct").strip()}
    for left in (folder / "build", *folder.glob("*.egg-info")):
        shutil.rmtree(left, ignore_errors=True)
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", target, folder, more=epoch)


def _git(*arguments: str) -> str:
    # In a container the checkout may belong to another user.
    return call("git", "-c", f"safe.directory={ROOT}", *arguments)
