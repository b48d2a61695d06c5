"""The two steps of a miss on the broker: the claim, and putting it into the queue."""

import logging
from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

from redis.exceptions import RedisError

from api.dispatch.fleet_watch import FleetWatch
from api.redis.link import Link
from shared.broker.keys import Keyspace
from shared.broker.scripts import claims
from shared.broker.scripts.call import Call
from shared.broker.scripts.callers import run
from shared.contract.errors import BrokerUnavailableError
from shared.contract.messages import encode_message
from shared.contract.names import Item, Lane

logger = logging.getLogger(__name__)

T = TypeVar("T")


class BrokerSteps:
    """Claims texts and queues messages; each step ends within the link's time limit.

    Args:
        link: connection to the broker.
        keys: the service's key names.
        channel: this process's reply channel.
        watch: refreshes at once when a step fails.
    """

    def __init__(self, link: Link, keys: Keyspace, *, channel: str, watch: FleetWatch) -> None:
        self._link = link
        self._keys = keys
        self._channel = channel
        self._watch = watch

    async def claim(
        self,
        groups: Sequence[claims.Group],
        lease: int,
        inferences: Sequence[str] = (),
        messages: Sequence[Sequence[Item]] = (),
        assumed: int = 0,
    ) -> claims.Claims:
        """Claim the texts of several requests in one step.

        Args:
            groups: the requests.
            lease: duration of a claim before its text is sent, in ms.
            inferences: trace context of each text's inference, if any is traced.
            messages: all texts, grouped into messages that are queued if every text is granted.
            assumed: the broker's clock (ms) from which the deadlines in the messages were computed.

        Raises:
            BrokerUnavailableError: the broker did not answer in time.
        """
        call = claims.claim(
            self._keys,
            channel=self._channel,
            lease=lease,
            groups=groups,
            inferences=inferences,
            messages=[encode_message(batch, Lane.INTERACTIVE) for batch in messages],
            assumed=assumed,
        )
        return await self._run(call, step="claiming")

    async def send(self, messages: Sequence[Sequence[Item]]) -> None:
        """Put messages into the queue, and extend the claims of their texts to the texts' deadlines.

        Raises:
            BrokerUnavailableError: the broker did not answer in time.
        """
        items = list(chain.from_iterable(messages))
        encoded = [encode_message(batch, Lane.INTERACTIVE) for batch in messages]
        await self._run(claims.send(self._keys, messages=encoded, items=items), step="queueing")

    async def _run(self, call: Call[T], *, step: str) -> T:
        try:
            return await run(self._link.call, call)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("%s failed", step, extra={"reason": type(error).__name__})
            self._watch.wake()
            raise BrokerUnavailableError from None
