import time
from hashlib import sha256
from pathlib import Path

import pytest

from worker import digests
from worker.digests import known_digest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"baked")
    return path


@pytest.fixture
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files that a test has written be older than a second."""
    later = time.time_ns() + 10**10
    monkeypatch.setattr("worker.digests.time.time_ns", lambda: later)


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise AssertionError(f"{path} is read again")

    monkeypatch.setattr(digests, "file_digest", refuse)


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


@pytest.mark.usefixtures("_later")
def test_an_unchanged_file_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = known_digest(file)
    forbid_reading(monkeypatch)
    assert known_digest(file) == first == digest(b"baked")


def test_a_file_that_has_just_changed_is_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known_digest(file)
    forbid_reading(monkeypatch)
    with pytest.raises(AssertionError, match="is read again"):
        known_digest(file)


@pytest.mark.usefixtures("_later")
def test_other_bytes_in_the_same_file_are_found(file: Path) -> None:
    known_digest(file)
    changed = file.stat().st_ctime_ns
    while file.stat().st_ctime_ns == changed:
        file.write_bytes(b"other")
    assert known_digest(file) == digest(b"other")


@pytest.mark.usefixtures("_later")
def test_another_file_in_its_place_is_found(file: Path, tmp_path: Path) -> None:
    known_digest(file)
    (tmp_path / "next").write_bytes(b"other")
    (tmp_path / "next").replace(file)
    assert known_digest(file) == digest(b"other")


@pytest.mark.usefixtures("_later")
def test_a_file_that_is_gone_is_not_known(file: Path) -> None:
    known_digest(file)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        known_digest(file)
