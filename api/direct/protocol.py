"""uvicorn's HTTP protocol with one change: plain prediction requests are answered without ASGI.

A task, ASGI messages, middleware and routing cost three times as much as a hit itself, and a quarter of the CPU of a
miss in this process. So a complete request is first passed to the `DirectAnswerer`; if that returns None, uvicorn
handles it as usual. Most clients send head and body in two segments, so a request whose body is not there yet is held
back for a few milliseconds.
"""

from asyncio import Future, TimerHandle
from functools import partial
from typing import Any, Final, Protocol

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.direct.answerer import Answer, DirectAnswerer
from api.http.connection import StrictProtocol

_PATIENCE: Final = 0.005
"""Seconds for which the rest of a request is waited for: a body follows its head within a fraction of a millisecond on
one machine, within one or two between machines."""
_MOST_AWAITED: Final = 64 * 1024
"""Most bytes of a body that is waited for; uvicorn stops reading soon after."""


class Draining(Protocol):
    """An object that knows whether the process drains."""

    draining: bool


class DirectProtocol(StrictProtocol):
    """One connection to a client.

    Args:
        answerer: the process's answerer of hits.
        state: tells whether the process drains; then each answer closes its connection, so that clients open new
            connections to other processes before this one stops.
        rest: arguments of uvicorn's protocol.
    """

    def __init__(self, answerer: DirectAnswerer, state: Draining, **rest: Any) -> None:
        super().__init__(**rest)
        self._answerer = answerer
        self._state = state
        self._receiving = False
        self._pending: tuple[RequestResponseCycle, ASGI3Application] | None = None
        self._timer: TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Parse data; a request that is not complete after it is held back for a moment, then passed to uvicorn."""
        self._receiving = True
        try:
            super().data_received(data)
        finally:
            self._receiving = False
            if self._pending is not None:
                self._wait_for_rest(self._pending[0])

    def on_message_complete(self) -> None:
        """Answer the pending request, at once or later, or pass it to uvicorn."""
        super().on_message_complete()
        if self._pending is None:
            return
        cycle, _ = self._pending
        answer = None
        if self._timer is None or self._may_be_direct(cycle):  # without a timer, its head came with the same data
            answer = self._answerer.answer(cycle.scope["path"], self._head, bytes(cycle.body))
        if answer is None:
            self._start_pending()
            return
        self._take_pending()
        if isinstance(answer, Answer):
            self._answer(cycle, answer)
        else:
            answer.add_done_callback(partial(self._answer_later, cycle))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a request whose rest cannot come any more."""
        self._take_pending()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._receiving and cycle is self.cycle and self._may_be_direct(cycle):
            self._pending = cycle, app
        else:
            self._pass_on(cycle, app)

    def _pass_on(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Have uvicorn handle a request."""
        if self._state.draining:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def _may_be_direct(self, cycle: RequestResponseCycle) -> bool:
        """Whether a request may be a hit that one write can answer, on a connection that stays open."""
        return (
            cycle.keep_alive
            and not self._state.draining
            and not cycle.waiting_for_100_continue
            and not self.flow.write_paused
            and cycle.scope["method"] == "POST"
            and cycle.scope["path"] in self._answerer.paths
            and not cycle.scope["query_string"]  # its options need the routes
        )

    def _wait_for_rest(self, cycle: RequestResponseCycle) -> None:
        """Start a pending request soon, or at once if nothing more can be read or its body is too long to wait for."""
        if self._deaf or len(cycle.body) > _MOST_AWAITED:
            self._start_pending()
        elif self._timer is None:
            self._timer = self.loop.call_later(_PATIENCE, self._start_pending)

    def _answer_later(self, cycle: RequestResponseCycle, answer: "Future[Answer]") -> None:
        """Write an answer that is known now. The next requests of the connection have waited meanwhile."""
        if answer.cancelled() or self.transport.is_closing():
            return  # the process or the connection ends
        if error := answer.exception():
            self.logger.error("an answer failed", exc_info=error)
            self.transport.close()
            return
        cycle.keep_alive = cycle.keep_alive and not self._state.draining
        self._answer(cycle, answer.result())

    def _answer(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """Write an answer, and end its request."""
        cycle.response_started = cycle.response_complete = True
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(
            b"".join((STATUS_LINE[answer.status], self._standing(), answer.head, close, b"\r\n", answer.body))
        )
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _start_pending(self) -> None:
        pending = self._take_pending()
        if pending is not None:
            self._pass_on(*pending)

    def _take_pending(self) -> tuple[RequestResponseCycle, ASGI3Application] | None:
        pending, self._pending = self._pending, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return pending
