"""``python -m worker.health``: exit with 0 if the worker on this machine is live and computes; needs its state folder.

This module needs only the standard library, because probes run it every few seconds. Each model process writes a file
at every beat: the file's age is the time since the last beat, its content the seconds since the last inference.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

_BEATS: Final = "beats"
_BEAT_SECONDS: Final = 30.0
"""Seconds without a beat after which a process counts as faulty; without Redis, each beat waits for time-outs."""
_INFERENCE_SECONDS: Final = 60.0
"""Seconds without an inference after which a process counts as faulty; an idle process tests itself more often."""


def take_folder(state_dir: Path) -> None:
    """Create and lock the worker's folder, and remove the beats of an earlier run from it.

    Raises:
        OSError: another worker has locked the folder, or it cannot be written.
    """
    folder = state_dir / _BEATS
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(state_dir / "lock", os.O_CREAT | os.O_RDWR)  # open until this process ends
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    for file in folder.iterdir():
        file.unlink(missing_ok=True)


def beat_writer(state_dir: Path, idle_seconds: Callable[[], float]) -> Callable[[], None]:
    """Return a function that writes the file of this process; the heartbeat calls it.

    Args:
        state_dir: the worker's folder.
        idle_seconds: seconds since the last real inference.
    """
    file = state_dir / _BEATS / str(os.getpid())

    def write() -> None:
        with suppress(OSError):  # a full disk must not end the heartbeat; the probe sees an old file
            file.write_text(f"{idle_seconds():.1f}")

    return write


def flaw(state_dir: Path, now: float | None = None) -> str:
    """Return the faults of the worker that uses this folder; empty if at least one of its processes is healthy."""
    now = time.time() if now is None else now
    found = [_process_flaw(file, now) for file in sorted((state_dir / _BEATS).glob("*"))]
    if not found:
        return f"no model process has written to {state_dir / _BEATS} yet"
    return "" if "" in found else "; ".join(found)


def _process_flaw(file: Path, now: float) -> str:
    try:
        age = now - file.stat().st_mtime
        idle = float(file.read_text() or "inf") + age
    except (OSError, ValueError) as error:
        return f"process {file.name}: {type(error).__name__}"
    if age > _BEAT_SECONDS:
        return f"process {file.name} has been silent for {age:.0f} s"
    if idle > _INFERENCE_SECONDS:
        return f"process {file.name} completed its last inference {idle:.0f} s ago"
    return ""


def main() -> str | None:
    """Return the worker's fault as a message for `sys.exit`; None if there is none."""
    folder = os.environ.get("SENTIMENT_STATE_DIR")
    if not folder:
        return "set SENTIMENT_STATE_DIR, for the worker as well: its beats are files in there"
    return flaw(Path(folder)) or None


if __name__ == "__main__":
    sys.exit(main())
