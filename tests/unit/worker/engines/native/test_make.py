"""`make native`: compiled where there is a compiler, one sentence where there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.native import SOURCE

ROOT = Path(__file__).parents[5]
LIBRARY = Path("worker/engines/native/libsentiment.so")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(SOURCE, tmp_path / "worker/engines/native/source")
    return tmp_path


def make(folder: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--directory", str(folder), "--no-print-directory", "native", *variables]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_it_is_compiled_once_and_again_when_a_source_changes(clone: Path) -> None:
    done = make(clone, "CFLAGS=-O0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    first = (clone / LIBRARY).stat()
    make(clone, "CFLAGS=-O0")
    assert (clone / LIBRARY).stat().st_ino == first.st_ino
    header = clone / "worker/engines/native/source/engine.h"
    header.write_text(header.read_text() + "\n")
    make(clone, "CFLAGS=-O0")
    assert (clone / LIBRARY).stat().st_ino != first.st_ino


def test_without_a_compiler_one_sentence_says_what_serves(clone: Path) -> None:
    done = make(clone, "CC=no-such-compiler")
    assert done.returncode == 0
    (line,) = (done.stdout + done.stderr).splitlines()
    assert line.startswith("The native engine was not compiled (see build/native.log); ONNX Runtime serves instead")
    assert "no-such-compiler" in (clone / "build/native.log").read_text()
    assert not (clone / LIBRARY).exists()
