"""Real Redis servers that a test may stop, kill and freeze."""

import os
import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from shared.stack.ports import free_port
from shared.stack.redis import RedisConfig, Role, bundled_server, find_server, system_server
from tests.support.waiting import wait_for


def available_servers() -> dict[str, Path]:
    """Return the server binaries to test with; in CI both must be there."""
    found = {"bundled": bundled_server(), "system": system_server()}
    if os.environ.get("CI"):
        missing = [name for name, binary in found.items() if binary is None]
        assert not missing, f"CI must have every Redis; missing: {missing}"
    return {name: binary for name, binary in found.items() if binary is not None}


class RedisServer:
    """One server, configured as the product configures it; it keeps its port and data when it starts again."""

    def __init__(self, role: str, folder: Path, binary: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._config = RedisConfig(Role(role), folder, free_port())
        self._binary = binary or find_server()
        self._child: subprocess.Popen[bytes] | None = None
        self.url = self._config.url

    def start(self) -> None:
        """Start and wait until it answers."""
        self._child = subprocess.Popen([self._binary, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert self._child.stdin is not None
        self._child.stdin.write(self._config.text.encode())
        self._child.stdin.close()
        wait_for(self.answers, f"{self._config.role} to answer")

    def answers(self) -> bool:
        with Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    kill = stop

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        assert self._child is not None
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._child is not None
        self._child.send_signal(signal.SIGCONT)
