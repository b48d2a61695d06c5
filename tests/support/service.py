"""A service of real parts for tests: two Redis, API processes, and workers with an engine that the test controls."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from shared.broker.access import Part
from shared.broker.keys import Keyspace, text_key
from shared.broker.role import Role
from shared.process.settings import Settings
from shared.stack.ports import free_port
from tests.support.engines import fingerprint
from tests.support.models import write_model
from tests.support.plain import NO_CERTIFICATES
from tests.support.process import Process
from tests.support.redis import RedisServer
from tests.support.users import url_of, user_lines
from tests.support.waiting import wait_for

UNLOADED = "cannot load its model"
"""Part of the log line of a model process that cannot load its model."""
NAMESPACE: Final = "sentiment"
PRODUCT_CACHE_TIMEOUT = str(Settings.model_fields["cache_timeout"].default)
"""The product's default cache timeout, for tests of a lost cache."""


class Api:
    """An API process."""

    def __init__(self, process: Process, port: int, host: str = "127.0.0.1") -> None:
        self.process = process
        self.port = port
        self.url = f"http://{host}:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=60, verify=NO_CERTIFICATES)

    def predict(self, *texts: str, **headers: str) -> httpx.Response:
        """Send a batch, and return the answer."""
        return self.client.post("/project/bulk-predict", json={"text": list(texts)}, headers=headers)

    def healthy(self) -> bool:
        try:
            return self.client.get("/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def alive(self) -> bool:
        try:
            return self.client.get("/livez").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


class Service:
    """Starts parts of the product on free ports; `stop` ends them all.

    Args:
        folder: folder of the parts' files.
        redis_server: path of the binary of both Redis.
        broker: additional lines of the broker's configuration.
        cache: additional lines of the cache's configuration.
        cache_timeout: seconds until a part continues without the cache. It is longer than the product's default,
            because on a busy machine a test would otherwise see a miss instead of a hit.
        broker_server: the broker, if it is not an ordinary server.
        cache_server: the same of the cache.
        users: whether each part has a user of its own on both Redis; otherwise all are the server's only user.
        redis: further arguments of `RedisServer`, for both.
    """

    def __init__(
        self,
        folder: Path,
        redis_server: Path | None = None,
        *,
        broker: str = "",
        cache: str = "",
        cache_timeout: str = "5",
        broker_server: RedisServer | None = None,
        cache_server: RedisServer | None = None,
        users: bool = True,
        **redis: Any,
    ) -> None:
        self.folder = folder
        self.keys = Keyspace(NAMESPACE)
        self._users = users
        if users:
            broker, cache = user_lines(Role.BROKER, NAMESPACE) + broker, user_lines(Role.CACHE, NAMESPACE) + cache
        self.broker = broker_server or RedisServer(
            "broker", folder / "broker", binary=redis_server, more=broker, **redis
        )
        self.cache = cache_server or RedisServer("cache", folder / "cache", binary=redis_server, more=cache, **redis)
        self.engine_dir = folder / "engine"
        self.engine_dir.mkdir()
        self.model_dir = write_model(folder / "model-one", built_at=1)
        self.code: dict[str, Path] = {}
        """Folder with the code of a part, ``api`` or ``worker``, if it is not this checkout."""
        self._processes: list[Process] = []
        self._clients: list[httpx.Client] = []
        self.broker.start()
        self.cache.start()
        self.environment = {
            "SENTIMENT_CACHE_TIMEOUT": cache_timeout,
            "SENTIMENT_ENGINE": "tests.support.engines:steered",
            "SENTIMENT_MODEL_DIR": str(self.model_dir),
            "SENTIMENT_LOG_FORMAT": "json",
            "SENTIMENT_WORKER_PROCESSES": "2",
            "TEST_ENGINE_DIR": str(self.engine_dir),
        }

    def start_api(self, port: int = 0, **settings: str) -> Api:
        """Start an API process, by default on a free port, and wait until it answers; settings have no prefix."""
        port = port or free_port()
        process = self._start("api", [], {"SENTIMENT_API_PORT": str(port)}, settings)
        api = Api(process, port)
        self._clients.append(api.client)
        wait_for(lambda: api.alive() or not process.alive, "the API to live")
        assert process.alive, process.output
        return api

    def start_worker(self, **settings: str) -> Process:
        """Start a worker, and wait until it has announced itself.

        Raises:
            AssertionError: it has ended, or cannot load its model; the message has its whole output.
        """
        before = len(self.announced())
        process = self._start("worker", ["run"], {}, settings)
        expected = before + int(settings.get("worker_processes", self.environment["SENTIMENT_WORKER_PROCESSES"]))

        def failed() -> bool:
            return not process.alive or UNLOADED in process.output

        wait_for(lambda: failed() or len(self.announced()) >= expected, "the worker to announce itself")
        assert not failed(), process.output
        return process

    def environment_of(self, part: Part) -> dict[str, str]:
        """Return the environment of a part, with the URLs of its users; another release's code has the default user."""
        own = self._users and part.value not in self.code
        return {
            f"SENTIMENT_{server.role.upper()}_URL": url_of(part, server.url) if own else server.url
            for server in (self.broker, self.cache)
        } | self.environment

    def start_worker_early(self, **settings: str) -> Process:
        """Start a worker without waiting for it."""
        return self._start("worker", ["run"], {}, settings)

    def announced(self) -> set[bytes]:
        """Return the ids of the workers in the registry."""
        with self.broker.client() as redis:
            return set(redis.hkeys(self.keys.workers))

    def active_version(self) -> str:
        """Return the active model version; empty if there is none."""
        with self.broker.client() as redis:
            return (redis.hget(self.keys.active, "version") or b"").decode()

    def stored(self, text: str) -> bool:
        """Whether the active version's answer to a text is in the cache."""
        with self.cache.client() as redis:
            return bool(redis.exists(self.keys.answer(text_key(self.active_version(), text))))

    def calls(self) -> list[str]:
        """Return the fingerprint of the text of each forward pass, without self-tests."""
        path = self.engine_dir / "calls"
        return [line.split()[1] for line in path.read_text().splitlines()] if path.exists() else []

    def loads(self) -> list[int]:
        """Return the process id of each load of an engine."""
        path = self.engine_dir / "loads"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def count(self, text: str) -> int:
        """Return the number of forward passes of a text."""
        return self.calls().count(fingerprint(text))

    def hold(self, *texts: str) -> None:
        """Make the passes of these texts wait; without arguments, all passes."""
        for hold in self._holds(texts):
            hold.touch()

    def release(self, *texts: str) -> None:
        """End the wait of `hold` with the same arguments."""
        for hold in self._holds(texts):
            hold.unlink(missing_ok=True)

    def _holds(self, texts: Sequence[str]) -> list[Path]:
        return [self.engine_dir / f"hold-{fingerprint(text)}" for text in texts] or [self.engine_dir / "hold"]

    def stop(self) -> None:
        """End all parts, also frozen ones."""
        self.release()
        for client in self._clients:
            client.close()
        for process in self._processes:
            process.kill()
        self.broker.stop()
        self.cache.stop()

    def _start(self, module: str, arguments: list[str], own: dict[str, str], settings: dict[str, str]) -> Process:
        overrides = {f"SENTIMENT_{name.upper()}": value for name, value in settings.items()}
        log = self.folder / f"{module}-{len(self._processes)}.log"
        environment = self.environment_of(Part.WORKER if module == Part.WORKER else Part.API) | own | overrides
        process = Process(module, arguments, environment, log, self.code.get(module))
        self._processes.append(process)
        return process
