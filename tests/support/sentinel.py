"""A broker or cache of three real Redis servers, of which three real Sentinels choose the primary."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.role import Role
from shared.broker.url import RedisUrl, Sentinels
from shared.stack.ports import free_port
from tests.support.missing import missing
from tests.support.redis import RedisServer, available_servers, tls_lines
from tests.support.service import NAMESPACE
from tests.support.users import user_lines
from tests.support.waiting import wait_for

MASTER: Final = "sentiment"
PASSWORD: Final = "hush"
SENTINEL_PASSWORD: Final = "whisper"
_SERVER: Final = """bind {address}
masterauth {password}
min-replicas-to-write 1
min-replicas-max-lag 5
repl-diskless-sync-delay 0
"""
_SENTINEL: Final = """port {port}
bind {address}
dir "{folder}"
loglevel warning
requirepass {own}
sentinel sentinel-pass {own}
sentinel monitor {master} {primary} 2
sentinel auth-pass {master} {password}
sentinel down-after-milliseconds {master} 3000
sentinel failover-timeout {master} 6000
sentinel parallel-syncs {master} 1
"""


@dataclass(frozen=True)
class Host:
    """The place of one server and one Sentinel."""

    address: str = "127.0.0.1"
    inside: Sequence[str] = ()
    """Beginning of a command that runs there."""


HOSTS: Final = (Host(), Host(), Host())
"""The places of a group on this machine."""


class Server(RedisServer):
    """A server of the group.

    Args:
        folder: folder of its data.
        host: its place.
        primary: the first primary; None for that itself.
        tls: see `RedisServer`; with it, replicas use TLS too.
        role: broker or cache.
    """

    def __init__(
        self, folder: Path, host: Host, primary: "Server | None", tls: Path | None = None, role: Role = Role.BROKER
    ) -> None:
        more = _SERVER.format(password=PASSWORD, address=host.address) + user_lines(role, NAMESPACE)
        if primary:
            more += f"replicaof {primary.host.address} {primary.port}\n"
        binary = available_servers()["system"] if tls else None
        super().__init__(role, folder, binary, password=PASSWORD, more=more, product=False, tls=tls)
        self.host: Host = host
        self._command = [*host.inside, *self._command]
        self.url = str(RedisUrl(host.address, self.port, password=PASSWORD, tls=bool(tls)))


class Sentinel:
    """A Sentinel.

    Args:
        folder: folder of its state.
        host: its place.
        primary: the first primary.
        tls: see `Server`.
    """

    def __init__(self, folder: Path, host: Host, primary: Server, tls: Path | None = None) -> None:
        self.port, self.host = free_port(), host
        folder.mkdir(parents=True)
        self._file = folder / "sentinel.conf"
        values = {"port": self.port, "address": host.address, "folder": folder, "own": SENTINEL_PASSWORD}
        group = {"master": MASTER, "password": PASSWORD, "primary": f"{primary.host.address} {primary.port}"}
        self._options = {"ssl": True, "ssl_ca_certs": f"{tls}/ca.pem"} if tls else {}
        self._file.write_text(tls_lines(_SENTINEL.format(**values, **group), self.port, tls))
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-sentinel") or missing("redis-sentinel is not installed")
        self._child = subprocess.Popen([*self.host.inside, program, self._file], stdout=subprocess.DEVNULL)

    def client(self) -> Redis:
        options: dict[str, Any] = {"socket_timeout": 1, "decode_responses": True, **self._options}
        return Redis(self.host.address, self.port, password=SENTINEL_PASSWORD, **options)

    def state(self) -> dict[str, Any]:
        """Return its record of the group; empty if it does not answer."""
        with self.client() as redis:
            try:
                return dict(redis.sentinel_master(MASTER))
            except RedisError:
                return {}

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


class FailoverBroker(RedisServer):
    """The group as the product's broker or cache; its URL names the Sentinels, and its client is one of the primary.

    Args:
        folder: folder of all data.
        hosts: place of each server and its Sentinel.
        tls: see `Server`.
        role: see `Server`.
    """

    def __init__(
        self, folder: Path, hosts: Sequence[Host] = HOSTS, tls: Path | None = None, role: Role = Role.BROKER
    ) -> None:
        super().__init__(role, folder / "group", password=PASSWORD)
        self.servers: list[Server] = []
        for i, host in enumerate(hosts):
            self.servers.append(Server(folder / str(i), host, self.servers[0] if i else None, tls, role))
        self.sentinels = [
            Sentinel(folder / f"sentinel-{i}", host, self.servers[0], tls) for i, host in enumerate(hosts)
        ]
        addresses = tuple((sentinel.host.address, sentinel.port) for sentinel in self.sentinels)
        group = Sentinels(addresses, MASTER, password=SENTINEL_PASSWORD)
        self.url = str(RedisUrl(*addresses[0], password=PASSWORD, tls=bool(tls), sentinels=group))

    def start(self) -> None:
        """Start all servers and Sentinels, and wait until they know each other."""
        for server in self.servers:
            server.start()
        wait_for(lambda: self._replicas(self.servers[0]) == len(self.servers) - 1, "the replicas to follow", every=0.05)
        for sentinel in self.sentinels:
            sentinel.start()
        self.settle()
        self._watch()

    def settle(self) -> None:
        """Wait until all Sentinels and servers are there, and agree on the primary."""
        wait_for(self._settled, "the Sentinels and the servers to agree", 60, every=0.1)

    def _settled(self) -> bool:
        others = len(self.servers) - 1
        states = [sentinel.state() for sentinel in self.sentinels]
        known = [(s.get("num-other-sentinels"), s.get("num-slaves"), s.get("flags")) for s in states]
        if any(numbers != (others, others, "master") for numbers in known):
            return False
        return len({(s["ip"], s["port"]) for s in states}) == 1 and self._replicas(self.primary) == others

    @property
    def primary(self) -> Server:
        """The server that most Sentinels name."""
        states = [state for sentinel in self.sentinels if (state := sentinel.state())]
        assert states, "no Sentinel answers"
        named = [(state["ip"], state["port"]) for state in states]
        most = max(set(named), key=named.count)
        return next(server for server in self.servers if (server.host.address, server.port) == most)

    def _replicas(self, server: Server) -> int:
        with server.client() as redis:
            info: Any = redis.info("replication")
        return sum(info.get(f"slave{i}", {}).get("state") == "online" for i in range(len(self.servers)))

    def client(self) -> Redis:
        return self.primary.client()

    def fail_over(self) -> Server:
        """Make the Sentinels choose another primary, and return it as soon as most of them name it."""
        before = self.primary
        with self.sentinels[0].client() as redis:
            redis.execute_command("SENTINEL", "FAILOVER", MASTER)
        return self.moved(before)

    def moved(self, before: Server) -> Server:
        """Return the primary as soon as it is another one."""
        return wait_for(lambda: None if (found := self.primary) is before else found, "another primary", 60, every=0.05)

    def stop(self) -> None:
        for sentinel in self.sentinels:
            sentinel.stop()
        for server in self.servers:
            server.stop()
        super().stop()
