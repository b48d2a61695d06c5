import os
import time
from pathlib import Path

import pytest

from worker.health import beat_writer, flaw, main, take_folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    take_folder(tmp_path)
    return tmp_path


def _beat(state: Path, name: str, age: float, idle: float) -> None:
    file = state / "beats" / name
    file.write_text(f"{idle}")
    os.utime(file, (time.time() - age, time.time() - age))


def test_a_process_that_beats_and_infers_is_well(state: Path) -> None:
    beat_writer(state, lambda: 2.0)()
    assert not flaw(state)


def test_no_beat_at_all_is_a_flaw(state: Path) -> None:
    assert "no model process" in flaw(state)


def test_silence_is_a_flaw(state: Path) -> None:
    _beat(state, "7", age=40, idle=1)
    assert "process 7 has been silent for 40 s" in flaw(state)


def test_beats_without_inferences_are_a_flaw(state: Path) -> None:
    _beat(state, "7", age=1, idle=70)
    assert "process 7 completed its last inference 71 s ago" in flaw(state)


def test_one_process_that_is_well_is_enough(state: Path) -> None:
    _beat(state, "7", age=100, idle=1)
    _beat(state, "8", age=1, idle=1)
    assert not flaw(state)


def test_a_half_written_beat_is_no_crash(state: Path) -> None:
    (state / "beats" / "7").write_text("")
    assert "process 7" in flaw(state)


def test_what_an_earlier_run_left_does_not_count(state: Path) -> None:
    before = state / "earlier"
    (before / "beats").mkdir(parents=True)
    _beat(before, "7", age=0, idle=0)
    take_folder(before)
    assert flaw(before)


def test_a_folder_is_one_workers(state: Path) -> None:
    with pytest.raises(OSError, match="unavailable"):
        take_folder(state)


def test_a_folder_that_is_gone_does_not_stop_the_heart(tmp_path: Path) -> None:
    beat_writer(tmp_path / "nowhere", lambda: 0.0)()


def test_the_command_asks_for_its_setting(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.delenv("SENTIMENT_STATE_DIR", raising=False)
    assert "SENTIMENT_STATE_DIR" in (main() or "")
    monkeypatch.setenv("SENTIMENT_STATE_DIR", str(state))
    assert "no model process" in (main() or "")
    beat_writer(state, lambda: 0.0)()
    assert main() is None
