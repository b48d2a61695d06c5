"""The atomic steps on Redis, as Lua; each file's head is its contract. Redis 6.2 runs them all."""

from enum import StrEnum
from importlib.resources import files


class Script(StrEnum):
    """A script, by the name of its file."""

    ACTIVATE = "activate"
    BEAT = "beat"
    CLAIM = "claim"
    FINISH = "finish"
    FLEET = "fleet"
    JOB_CANCEL = "job_cancel"
    JOB_COMMIT = "job_commit"
    JOB_FINISH = "job_finish"
    JOB_START = "job_start"
    JOB_SWEEP = "job_sweep"
    LEAVE = "leave"
    RATE = "rate"
    SEND = "send"
    START = "start"
    STATS = "stats"
    WORK = "work"

    @property
    def source(self) -> str:
        """The Lua text; what the jobs' scripts have in common stands in front of each of them."""
        common = _read("_jobs") if self.value.startswith("job_") else ""
        return common + _read(self.value)


def _read(name: str) -> str:
    return files(__name__).joinpath(f"{name}.lua").read_text("utf-8")
