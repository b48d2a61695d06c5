"""Asking until there is an answer, for as long as the caller has."""

import logging
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from client.errors import ApiError, ConnectionFailedError, SentimentError, api_error
from client.parse import document_of
from client.wire import Call, Reply, Wire

logger = logging.getLogger("client")

_AGAIN: Final = frozenset({408, 425, 429, 502, 503, 504, *range(520, 525)})
"""Statuses after which the same request may get another answer; from 520 on they are those of Cloudflare."""
_ATTEMPT_SECONDS: Final = 30.0
"""Longest wait for one attempt, on top of what the service may hold back: a lost connection is noticed."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_SPREAD: Final = 0.1


class Patience:
    """How long to go on, in seconds; starts when it is made.

    Args:
        seconds: until when a request may be sent again.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._tries = 0
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, never quite none."""
        return max(0.001, self._end - time.monotonic())

    @property
    def untried(self) -> bool:
        """Whether nothing has failed since the last good answer."""
        return not self._tries

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return time.monotonic() >= self._end

    def limit(self, call: Call) -> float:
        """Return how long one step of an attempt may take."""
        return min(self.left, _ATTEMPT_SECONDS) + call.wait

    def renew(self) -> None:
        """Start again: there was an answer."""
        self._tries = 0
        self._end = time.monotonic() + self.seconds

    def pause(self, error: SentimentError) -> float | None:
        """Return how long to wait before the next attempt; None if there should be none."""
        if isinstance(error, ApiError):
            if error.status not in _AGAIN:
                return None
        elif not isinstance(error, ConnectionFailedError):
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is None:
            seconds = random.uniform(0.5, 1) * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._tries)  # noqa: S311
        else:
            seconds = asked * (1 + random.uniform(0, _SPREAD))  # noqa: S311 - so that not all come back at once
        self._tries += 1
        return seconds if time.monotonic() + seconds < self._end else None


async def ask(wire: Wire, call: Call, patience: Patience) -> Reply:
    """Send a request, again where that can help, and return its good answer.

    ``Retry-After`` is waited out; a wait that would outlast the patience is not begun.

    Raises:
        ApiError: the service refused.
        ConnectionFailedError: there is no answer.
    """
    while True:
        try:
            reply = await wire.send(call, patience.limit(call))
            if reply.status < 400:  # noqa: PLR2004
                return reply
            error: SentimentError = refusal(reply)
        except ConnectionFailedError as failure:
            error = failure
        await rest(wire, error, patience)


async def rest(wire: Wire, error: SentimentError, patience: Patience) -> None:
    """Wait before the next attempt, or raise the error."""
    first = patience.untried
    seconds = patience.pause(error)
    if seconds is None:
        raise error
    level = logging.INFO if first else logging.DEBUG
    logger.log(level, "%s; trying again in %.1f s, for up to %.0f s", error, seconds, patience.left)
    await wire.pause(seconds)


def refusal(reply: Reply) -> ApiError:
    """Make the error of an answer of 400 or more; what is no problem document is told by its status alone."""
    problem = document_of(reply.body)
    problem = problem if isinstance(problem, dict) and "type" in problem else _foreign(reply)
    return api_error(reply.status, problem, reply.request_id, retry_after(reply.headers))


def _foreign(reply: Reply) -> dict[str, Any]:
    return {
        "type": f"http-{reply.status}",
        "title": f"HTTP {reply.status}",
        "detail": f"{reply.url} answers with something else than a sentiment service would",
    }


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds, or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
