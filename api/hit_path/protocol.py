"""uvicorn's HTTP protocol with one change: a hit is answered before an asyncio task is made for it.

A task, ASGI messages, middleware and routing cost three times as much as a hit itself. So a request that has arrived
as a whole is first passed to the `HitAnswerer`; if that returns None, uvicorn handles it as usual.
"""

from typing import Any, Final, Protocol

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.hit_path.answerer import HitAnswerer
from api.http.connection import StrictProtocol

_OK: Final = STATUS_LINE[200]


class Draining(Protocol):
    """An object that knows whether the process drains."""

    draining: bool


class HitProtocol(StrictProtocol):
    """One connection to a client.

    Args:
        answerer: the process's answerer of hits.
        state: tells whether the process drains; then each answer closes its connection, so that clients open new
            connections to other processes before this one stops.
        rest: arguments of uvicorn's protocol.
    """

    def __init__(self, answerer: HitAnswerer, state: Draining, **rest: Any) -> None:
        super().__init__(**rest)
        self._answerer = answerer
        self._state = state
        self._receiving = False
        self._pending: tuple[RequestResponseCycle, ASGI3Application] | None = None

    def data_received(self, data: bytes) -> None:
        """Parse data; a request that is not complete after it is passed to uvicorn, which limits its time."""
        self._receiving = True
        try:
            super().data_received(data)
        finally:
            self._receiving = False
            self._release()

    def on_message_complete(self) -> None:
        """Answer the pending request if it is a hit, or pass it to uvicorn."""
        super().on_message_complete()
        pending = self._pending
        if pending is None:
            return
        cycle = pending[0]
        answer = self._answerer.answer(cycle.scope["path"], self.headers, bytes(cycle.body))
        if answer is None:
            self._release()
            return
        self._pending = None
        cycle.response_started = cycle.response_complete = True
        standing = [b"%b: %b\r\n" % header for header in cycle.default_headers]
        self.transport.write(b"".join((_OK, *standing, answer)))
        self.on_response_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._state.draining:
            cycle.keep_alive = False
        if self._receiving and cycle is self.cycle and self._may_be_hit(cycle):
            self._pending = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _may_be_hit(self, cycle: RequestResponseCycle) -> bool:
        """Whether a request may be a hit that one write can answer, on a connection that stays open."""
        return (
            cycle.keep_alive
            and not cycle.waiting_for_100_continue
            and not self.flow.write_paused
            and cycle.scope["method"] == "POST"
            and cycle.scope["path"] in self._answerer.paths
        )

    def _release(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            super()._start_asgi_task(*pending)
