"""uvicorn's HTTP protocol with one change: plain prediction requests are answered without ASGI.

A task, ASGI messages, middleware and routing cost three times as much as a hit itself, and a quarter of the CPU of a
miss in this process; uvicorn's objects of a request cost a quarter of a hit. So a request is held back until it is
complete, for a few milliseconds, because most clients send its head and body in two segments. Then it is passed to the
`DirectAnswerer`. If that returns None, or the time is over, uvicorn handles the request as usual.
"""

from asyncio import Future, TimerHandle
from functools import partial
from typing import Any, Final, Protocol

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.direct.answer import Answer
from api.direct.answerer import DirectAnswerer
from api.http.connection import StrictProtocol

_PATIENCE: Final = 0.005
"""Seconds for which the rest of a request is waited for: a body follows its head within a fraction of a millisecond on
one machine, within one or two between machines."""
_MOST_AWAITED: Final = 64 * 1024
"""Most bytes of a body that is waited for; uvicorn stops reading soon after."""


class Draining(Protocol):
    """An object that knows whether the process drains."""

    draining: bool


class _Exchange:
    """A complete request that is answered later without ASGI, with the attributes of a cycle that uvicorn uses."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    more_body = False
    response_started = False

    def __init__(self) -> None:
        self.keep_alive = True
        self.response_complete = False
        self.disconnected = False

    @property
    def message_event(self) -> "_Exchange":
        """The event that more of the request has arrived; nobody waits for it."""
        return self

    def set(self) -> None:
        """Do nothing."""


class DirectProtocol(StrictProtocol):
    """One connection to a client.

    Args:
        answerer: the process's answerer of plain prediction requests.
        state: tells whether the process drains; then each answer closes its connection, so that clients open new
            connections to other processes before this one stops.
        rest: arguments of uvicorn's protocol.
    """

    def __init__(self, answerer: DirectAnswerer, state: Draining, **rest: Any) -> None:
        super().__init__(**rest)
        self._answerer = answerer
        self._state = state
        self._held = False
        """Whether the current request is held back: uvicorn has no objects of it yet."""
        self._body = bytearray()
        """The body of the held request, as far as it has arrived."""
        self._timer: TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Parse data; a request that is not complete after it is held back for a moment, then passed to uvicorn."""
        super().data_received(data)
        if self._held:
            self._wait_for_rest()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the held request's body."""
        if self._held:
            self._body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answer the held request, at once or later, or pass it to uvicorn."""
        if not self._held:
            super().on_message_complete()
            return
        answer = None
        if self._timer is None or self._may_be_direct():  # without a timer, its head came with the same data
            answer = self._answerer.answer(self.url, self._head, bytes(self._body))
        if answer is None:
            self._pass_on()
            super().on_message_complete()
            return
        self._release()
        if isinstance(answer, Answer):
            self._write(answer)
        else:
            self.cycle = exchange = _Exchange()  # type: ignore[assignment]
            answer.add_done_callback(partial(self._answer_later, exchange))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a request whose rest cannot come any more."""
        self._release()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection, after the answer to its current request."""
        self._pass_on()
        super().shutdown()

    def _begin_request(self) -> None:
        if self._may_be_direct():
            self._held, self._body = True, bytearray()
        else:
            super()._begin_request()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._state.draining:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def _may_be_direct(self) -> bool:
        """Whether the current request may be answered with one write, on a connection that stays open."""
        cycle = self.cycle
        return (
            self.url in self._answerer.targets
            and self.parser.get_method() == b"POST"
            and (cycle is None or cycle.response_complete)
            and self.parser.should_keep_alive()
            and self.parser.get_http_version() == "1.1"
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self._state.draining
            and not self.flow.write_paused
        )

    def _wait_for_rest(self) -> None:
        """Pass the held request to uvicorn soon, or at once if no more can be read or its body is too long."""
        if self._deaf or len(self._body) > _MOST_AWAITED:
            self._pass_on()
        elif self._timer is None:
            self._timer = self.loop.call_later(_PATIENCE, self._pass_on)

    def _pass_on(self) -> None:
        """Have uvicorn handle the held request, if there is one."""
        if not self._held:
            return
        self._release()
        super()._begin_request()
        if self._body:
            super().on_body(bytes(self._body))

    def _release(self) -> None:
        """End the hold of a request, if there is one."""
        self._held = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _answer_later(self, exchange: _Exchange, answer: "Future[Answer]") -> None:
        """Write an answer that is known now. The next requests of the connection have waited meanwhile."""
        if answer.cancelled() or self.transport.is_closing():
            return  # the process or the connection ends
        if error := answer.exception():
            self.logger.error("an answer failed", exc_info=error)
            self.transport.close()
            return
        exchange.response_complete = True
        self._write(answer.result(), keep_alive=exchange.keep_alive and not self._state.draining)

    def _write(self, answer: Answer, *, keep_alive: bool = True) -> None:
        """Write an answer, and end its request."""
        close = b"" if keep_alive else b"connection: close\r\n"
        self.transport.write(
            b"".join((STATUS_LINE[answer.status], self._standing(), answer.head, close, b"\r\n", answer.body))
        )
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()
