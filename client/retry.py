"""Repeating a request until it succeeds or the caller's time limit is over."""

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
"""Statuses after which a request is repeated; those from 520 on are Cloudflare's."""
_ATTEMPT_SECONDS: Final = 30.0
"""Longest wait for one attempt in addition to `Call.wait`, so that a lost connection is noticed."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_SPREAD: Final = 0.1


class Patience:
    """The time limit of a call with all its attempts; it begins when the object is created.

    Args:
        seconds: the limit.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._tries = 0
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the limit, at least 0.001."""
        return max(0.001, self._end - time.monotonic())

    @property
    def untried(self) -> bool:
        """Whether no attempt has failed since the start or the last `renew`."""
        return not self._tries

    @property
    def over(self) -> bool:
        """Whether the limit has passed."""
        return time.monotonic() >= self._end

    def limit(self, call: Call) -> float:
        """Return the time limit in seconds for one step of an attempt (the connection, each wait for bytes)."""
        return min(self.left, _ATTEMPT_SECONDS) + call.wait

    def renew(self) -> None:
        """Start the time limit again, because there was an answer."""
        self._tries = 0
        self._end = time.monotonic() + self.seconds

    def pause(self, error: SentimentError) -> float | None:
        """Return the seconds to wait before the next attempt; None if there must be no further attempt.

        Args:
            error: the error of the last attempt.
        """
        if isinstance(error, ApiError):
            if error.status not in _AGAIN:
                return None
        elif not isinstance(error, ConnectionFailedError):
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is None:
            seconds = random.uniform(0.5, 1) * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._tries)  # noqa: S311
        else:
            seconds = asked * (1 + random.uniform(0, _SPREAD))  # noqa: S311 - spreads the clients
        self._tries += 1
        return seconds if time.monotonic() + seconds < self._end else None


async def ask(wire: Wire, call: Call, patience: Patience) -> Reply:
    """Send a request, repeat it if that can help, and return its successful answer.

    ``Retry-After`` is respected. If a wait would be longer than the rest of the time limit, the error is raised at
    once.

    Raises:
        ApiError: the last answer was an error.
        ConnectionFailedError: the last attempt got no answer.
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
    """Wait before the next attempt; if there must be none, raise the error of the last attempt."""
    first = patience.untried
    seconds = patience.pause(error)
    if seconds is None:
        raise error
    level = logging.INFO if first else logging.DEBUG
    logger.log(level, "%s; trying again in %.1f s, for up to %.0f s", error, seconds, patience.left)
    await wire.pause(seconds)


def refusal(reply: Reply) -> ApiError:
    """Return the error for an answer with status 400 or more, also if it has no problem document."""
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
    """Return the seconds of the header ``Retry-After``, which may be a number or a date; None without a valid one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
