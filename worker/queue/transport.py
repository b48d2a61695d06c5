"""Kombu's Redis transport without records of unacknowledged messages, and with a check of each message.

Kombu writes every message into a hash on the broker when it is taken, and removes it when it is done, so that another
worker can find the messages of a lost worker. These two round trips cost more than all other work of the parent for a
message. They are not needed here: a claim lapses at its request's deadline, and the sweep sends a ticket again soon
after its process is silent, both long before kombu would deliver the message again. So only the worker itself knows its
unacknowledged messages, and it puts them back when it stops.

In kombu, an element of a queue that is not a JSON object raises out of the consumer's loop. Celery logs a message that
it cannot read with its body, which contains users' texts. Here such an element is dropped before Celery gets it, and
logged without its body.
"""

import logging
from typing import Any, Final

from kombu.transport import redis
from redis.exceptions import ExecAbortError, OutOfMemoryError, ReadOnlyError

from shared.contract.names import LANES
from worker.lanes.messages import find_flaw, find_flaw_in_envelope
from worker.queue.channel import Channel, SentinelChannel

logger = logging.getLogger(__name__)

_UNWRITABLE: Final = (OutOfMemoryError, ExecAbortError, ReadOnlyError)


class Transport(redis.Transport):  # type: ignore[misc]
    """Delivers messages to Celery; elements that are not the product's own messages are dropped."""

    Channel = Channel

    # If the broker refuses writes, the worker connects again instead of ending.
    connection_errors = (*redis.Transport.connection_errors, *_UNWRITABLE)

    def _deliver(self, message: Any, queue: str) -> None:
        flaw = find_flaw(message) if queue in LANES else find_flaw_in_envelope(message)
        if flaw:
            logger.error("message discarded", extra={"reason": flaw, "queue": queue})
        elif queue not in self._callbacks:  # this worker stops; kombu would log a warning
            self._reject_inbound_message(message)
        else:
            super()._deliver(message, queue)


class SentinelTransport(Transport):
    """The same for a broker that Sentinels name."""

    Channel = SentinelChannel
