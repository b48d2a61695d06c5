"""``python -m worker.health``: exit with 0 if the worker on this machine lives and infers; needs its state folder.

It is told through files, and this module needs the standard library alone, because it is run every few seconds. Each
model process writes a file whose age is that of its last beat and whose content is how long it had been idle.
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
"""A beat may be late by as much: while Redis is away, each waits for its time-outs."""
_INFERENCE_SECONDS: Final = 60.0
"""An idle process tests itself every few seconds; one that could not for so long cannot infer."""


def take_folder(state_dir: Path) -> None:
    """Make the worker's folder, for this process alone, and remove the beats that an earlier run left in it.

    Raises:
        OSError: another worker has it, or it cannot be written to.
    """
    folder = state_dir / _BEATS
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(state_dir / "lock", os.O_CREAT | os.O_RDWR)  # for as long as this process and its children live
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    for file in folder.iterdir():
        file.unlink(missing_ok=True)


def beat_writer(state_dir: Path, idle_seconds: Callable[[], float]) -> Callable[[], None]:
    """Return a function that writes this process's file.

    Args:
        state_dir: the worker's folder.
        idle_seconds: seconds since the last real inference.
    """
    file = state_dir / _BEATS / str(os.getpid())

    def write() -> None:
        with suppress(OSError):  # a full disk shows as silence, and must not end the heartbeat
            file.write_text(f"{idle_seconds():.1f}")

    return write


def flaw(state_dir: Path, now: float | None = None) -> str:
    """Return the fault of the worker that uses this folder; empty if one of its processes is well."""
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
    """Return the fault as a message for `sys.exit`; None if there is none."""
    folder = os.environ.get("SENTIMENT_STATE_DIR")
    if not folder:
        return "set SENTIMENT_STATE_DIR, for the worker as well: its beats are files in there"
    return flaw(Path(folder)) or None


if __name__ == "__main__":
    sys.exit(main())
