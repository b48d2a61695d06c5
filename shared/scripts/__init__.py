"""The atomic steps on the broker, as Lua; each file's head is its contract. Redis 6.2 runs them all."""

from enum import StrEnum
from importlib.resources import files


class Script(StrEnum):
    """A script, by the name of its file."""

    ACTIVATE = "activate"
    BEAT = "beat"
    CLAIM = "claim"
    FINISH = "finish"
    FLEET = "fleet"
    LEAVE = "leave"
    START = "start"

    @property
    def source(self) -> str:
        """The Lua text."""
        return files(__name__).joinpath(f"{self.value}.lua").read_text("utf-8")
