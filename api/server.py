"""Serving the app with uvicorn, and a drain before it stops."""

import asyncio
import gc
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.direct.protocol import DirectProtocol
from shared.process.settings import Settings

_COLLECT = (10_000, 50, 50)
_KEEP_ALIVE_SECONDS = 75  # longer than the idle timeout of common balancers, so that they close first


class DrainingServer(uvicorn.Server):
    """A server that reports not ready for some seconds before it stops listening.

    Args:
        config: uvicorn's configuration.
        app: the app whose services drain.
        drain: seconds from the first signal to the stop; a second signal stops the server at once.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain = drain
        self._signalled = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Begin to drain at the first signal, and stop after the drain or at the second signal; the exit code is 0."""
        services = getattr(self._app.state, "services", None)
        if services is not None:
            asyncio.get_running_loop().call_soon_threadsafe(services.close)
        if self.should_exit or self._signalled or not self._drain or services is None:
            self._stop()
            return
        self._signalled = True
        services.draining = True
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(loop.call_later, self._drain, self._stop)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def _calm_collector() -> None:
    """Make the garbage collector skip all objects that exist now, because a full collection would delay all requests.

    These objects exist as long as the process. Objects of requests are freed by their reference counts.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


def _protocol(app: FastAPI) -> Callable[..., DirectProtocol]:
    """Return the factory of a connection's protocol; the services exist when the first connection is made."""

    def protocol(**rest: Any) -> DirectProtocol:
        services = app.state.services
        return DirectProtocol(services.direct, services, **rest)

    return protocol


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve until a signal; open requests are answered before the return."""
    config = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        loop="uvloop",
        http=_protocol(app),  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `api.security.client` reads them by SENTIMENT_TRUSTED_PROXIES
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(settings.deadline) + 2,
    )
    _calm_collector()
    DrainingServer(config, app, settings.drain).run()
