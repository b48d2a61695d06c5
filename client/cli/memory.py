"""The jobs that this user submitted from here: the service has no list of them.

One small file a job, so that nothing has to be locked. No text and no key is in it.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_MOST: Final = 1000


@dataclass(frozen=True)
class Remembered:
    """A job that was submitted."""

    id: str
    url: str
    service: str
    source: str
    """The source of its texts."""
    total: int
    created_at: str


def folder() -> Path | None:
    """Return where they are kept: under ``XDG_STATE_HOME``, or in the home, if there is one."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        if os.environ.get("HOME") == "":  # Path.home() would be the root of all
            return None
        try:
            state = Path.home() / ".local" / "state"
        except RuntimeError:  # neither HOME nor an entry for this user
            return None
    return state / "sentiment" / "jobs" if state.is_absolute() else None


def remember(job: Remembered) -> None:
    """Store a job in the user's state folder, and delete the oldest if there are too many; errors are ignored."""
    place = folder()
    with suppress(OSError):
        if place is None or (path := _path(place, job.id)).exists():
            return
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(job)), "utf-8")
        forget(old.stem for old in _files()[_MOST:])


def forget(ids: Iterable[str]) -> None:
    """Keep jobs in mind no longer."""
    place = folder()
    if place is not None:
        for job_id in ids:
            with suppress(OSError):
                _path(place, job_id).unlink()


def recall() -> list[Remembered]:
    """Return the jobs, the newest first."""
    found = []
    for path in _files():
        with suppress(OSError, ValueError, TypeError):
            found.append(Remembered(**json.loads(path.read_text("utf-8"))))
    return found


def _files() -> list[Path]:
    """Return all files, the newest first; ids grow with time."""
    place = folder()
    try:
        return sorted(place.glob("*.json"), reverse=True) if place else []
    except OSError:
        return []


def _path(place: Path, job_id: str) -> Path:
    return place / f"{Path(job_id).name}.json"
