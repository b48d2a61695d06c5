"""The parts that all calls share: the service's paths, its version and limits, and the time limit of a call."""

import warnings
from collections.abc import Callable
from typing import Any, Final, TypeVar

from client.card import ModelCard, card_from
from client.errors import ApiError, ConnectionFailedError, VersionWarning
from client.models import Health, Service, ServingEngine, service_from
from client.parse import read
from client.retry import Patience, ask
from client.version import VERSION, fits
from client.wire import Call, Reply, Wire

T = TypeVar("T")

_DESCRIPTION: Final = "openapi.json"
_NO_POINT: Final = 999_999_999
"""A slot of five seconds in the year 2128."""
SAYS_NOTHING: Final = frozenset({401, 403, 404, 405, 410})
"""Statuses of a service that hides or lacks a description."""


class Core:
    """The shared parts of all calls, as coroutines for both kinds of wire.

    Args:
        wire: sends requests.
        service: first part of the service's paths; empty if they have no prefix.
        timeout: default for the seconds of one answer, all attempts and waits included.
        check_version: whether to warn if the service has another contract.
    """

    def __init__(self, wire: Wire, service: str, timeout: float, *, check_version: bool) -> None:
        name = service.strip("/")
        self.wire = wire
        self.prefix = f"/{name}" if name else ""
        self.timeout = timeout
        self._check_version = check_version
        self._service: Service | None = None
        self._greeted = False

    def patience(self, timeout: float | None) -> Patience:
        """Return the time limit of a call, which begins now; `timeout` overrides the default."""
        return Patience(self.timeout if timeout is None else timeout)

    def path(self, rest: str) -> str:
        """Return the path of a route of the service."""
        return f"{self.prefix}/{rest}"

    async def greet(self, patience: Patience) -> None:
        """Read the service's version before the first call; concurrent calls do not wait for it."""
        if not self._greeted:
            self._greeted = True
            try:
                await self.service(patience)
            except BaseException:
                self._greeted = False
                raise

    async def service(self, patience: Patience) -> Service:
        """Return the service's version and limits, read once; without a description, those of this client's version."""
        if self._service is None:
            try:
                reply = await ask(self.wire, Call("GET", self.path(_DESCRIPTION)), patience)
                self._service = read(reply, lambda document: service_from(document, self.prefix))
            except ApiError as error:
                if error.status not in SAYS_NOTHING:
                    raise
                self._service = Service()
            if self._check_version and self.foreign_version:
                warnings.warn(other_version(self.foreign_version), VersionWarning, stacklevel=2)
        return self._service

    @property
    def foreign_version(self) -> str:
        """The service's version if it is known and has another contract; otherwise empty."""
        version = self._service.version if self._service else ""
        return version if version and not fits(version) else ""

    def read(self, reply: Reply, form: Callable[[Any], T]) -> T:
        """Return the value of an answer; see `client.parse.read`."""
        return read(reply, form, self.foreign_version)

    async def health(self, timeout: float | None) -> Health:
        """Return the health of the service; the request is not repeated after an answer."""
        patience = self.patience(timeout)
        call = Call("GET", self.path("health"))
        try:
            reply = await self.wire.send(call, patience.limit(call))
        except ConnectionFailedError:  # the gateway may have closed a connection that was kept
            reply = await self.wire.send(call, patience.limit(call))
        return self.read(reply, _health)

    async def stats(self, timeout: float | None) -> dict[str, Any]:
        """Return the service's ``/stats`` without the points of its curves."""
        return await self._stats(timeout, dict)

    async def model(self, timeout: float | None) -> ModelCard:
        """Return the card of the active model."""
        return await self._stats(timeout, card_from)

    async def _stats(self, timeout: float | None, form: Callable[[Any], T]) -> T:
        reply = await ask(self.wire, Call("GET", self.path(f"stats?after={_NO_POINT}")), self.patience(timeout))
        return self.read(reply, form)

    async def metrics(self, timeout: float | None) -> str:
        """Return the text of ``/metrics``, whose path has no prefix."""
        reply = await ask(self.wire, Call("GET", "/metrics"), self.patience(timeout))
        return reply.body.decode("utf-8", "replace")


def other_version(version: str) -> str:
    """Return the warning about a service with another contract."""
    return f"The service is version {version}, this client {VERSION}: answers may be misread. Use one of its version."


def _health(document: Any) -> Health:
    parts = {str(name): str(state) for name, state in document["parts"].items()}
    unsafe = tuple(str(warning) for warning in document.get("warnings", ()))
    engines = tuple(
        ServingEngine(str(entry["engine"]), str(entry["variant"]), int(entry["workers"]))
        for entry in document.get("engines", ())
    )
    return Health(all(state == "ok" for state in parts.values()), parts, unsafe, engines)
