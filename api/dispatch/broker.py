"""The two steps of a miss on the broker: the claim, and the way into the queue."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from redis.exceptions import RedisError

from api.dispatch.fleet_watch import FleetWatch
from api.redis.link import Argument, Link, LinkScript
from shared.broker.keys import Keyspace
from shared.broker.scripts import Script
from shared.contract.errors import BrokerUnavailableError
from shared.contract.messages import encode_message
from shared.contract.names import Item, Lane
from shared.contract.results import Result

logger = logging.getLogger(__name__)

CLAIMED: Final = -1
"""State of a text that the caller has claimed."""
REFUSED: Final = -2
"""State of a text whose request finds the backlog too deep."""


Group = tuple[int, Sequence[tuple[str, int, int]]]
"""The texts of one request, admitted or refused together: the most tokens that the backlog may have with the group
included, and for each text its key, its estimated tokens and the ms until its deadline."""


class Claims(NamedTuple):
    """The reply to a claim."""

    now: int
    """The broker's clock, in ms."""
    backlog: int
    """Tokens in the backlog."""
    states: Sequence[Result | int]
    """For each text: a result, `CLAIMED`, `REFUSED`, or the ms until another process's claim lapses."""


class Broker:
    """Claims texts and queues messages; each step ends within a time limit.

    Args:
        link: to the broker.
        keys: names on the broker.
        channel: this process's reply channel.
        watch: woken when a step fails, so that it looks at the broker at once.
        limit: longest wait for a step, in seconds.
    """

    def __init__(self, link: Link, keys: Keyspace, *, channel: str, watch: FleetWatch, limit: float) -> None:
        self._link = link
        self._keys = keys
        self._channel = channel
        self._watch = watch
        self._limit = limit
        self._claim = LinkScript(Script.CLAIM.source)
        self._send = LinkScript(Script.SEND.source)
        self._backlog = [keys.backlog(Lane.INTERACTIVE), keys.backlog_tokens(Lane.INTERACTIVE)]
        self._queue = keys.queue(Lane.INTERACTIVE)

    async def claim(self, groups: Sequence[Group], lease: int) -> Claims:
        """Claim the texts of several requests in one step.

        Args:
            groups: the requests.
            lease: time for which a claim holds before its text is sent, in ms.

        Raises:
            BrokerUnavailableError: the broker did not answer in time.
        """
        keys = list(self._backlog)
        args: list[Argument] = [self._channel, lease, len(groups)]
        for limit, texts in groups:
            args += len(texts), limit
        for text in chain.from_iterable(texts for _, texts in groups):
            keys.append(self._keys.claim(text[0]))
            args += text
        now, backlog, states = await self._run(self._claim, keys, args, step="claiming")
        decoded = [Result.decode(state) if isinstance(state, bytes) else state for state in states]
        return Claims(now, backlog, decoded)

    async def send(self, messages: Sequence[Sequence[Item]]) -> None:
        """Put messages into the queue, and extend the claims of their texts until these are no longer wanted.

        Raises:
            BrokerUnavailableError: the broker did not answer in time.
        """
        items = list(chain.from_iterable(messages))
        keys = [self._queue, *(self._keys.claim(item.key) for item in items)]
        encoded = [encode_message(batch, Lane.INTERACTIVE) for batch in messages]
        args: list[Argument] = [len(messages), *encoded, *(item.deadline for item in items)]
        await self._run(self._send, keys, args, step="queueing")

    async def _run(self, script: LinkScript, keys: Sequence[str], args: Sequence[Argument], *, step: str) -> Any:
        try:
            async with asyncio.timeout(self._limit):
                return await self._link.run(script, keys, args)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("%s failed", step, extra={"reason": type(error).__name__})
            self._watch.wake()
            raise BrokerUnavailableError from None
