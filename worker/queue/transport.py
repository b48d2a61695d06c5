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

import json
import logging
from base64 import b64decode
from typing import Any, Final

from kombu.transport import redis
from redis.exceptions import ExecAbortError, OutOfMemoryError, ReadOnlyError

from shared.contract.names import JOB_TASK_NAME, LANES, TASK_NAME, Item
from worker.queue.channel import Channel, SentinelChannel

logger = logging.getLogger(__name__)

_UNWRITABLE: Final = (OutOfMemoryError, ExecAbortError, ReadOnlyError)
_JOB_ARGUMENTS: Final = 2
_PLAIN: Final = {"eta": None, "expires": None, "timelimit": [None, None]}
_ITEM_TYPES: Final = tuple(Item.__annotations__.values())
_OPTIONAL: Final = len(Item._field_defaults)


class Transport(redis.Transport):  # type: ignore[misc]
    """Delivers messages to Celery; elements that are not the product's own messages are dropped."""

    Channel = Channel

    # If the broker refuses writes, the worker connects again instead of ending.
    connection_errors = (*redis.Transport.connection_errors, *_UNWRITABLE)

    def _deliver(self, message: Any, queue: str) -> None:
        flaw = find_flaw(message) if queue in LANES else _find_flaw_in_envelope(message)
        if flaw:
            logger.error("message discarded", extra={"reason": flaw, "queue": queue})
        elif queue not in self._callbacks:  # this worker stops; kombu would log a warning
            self._reject_inbound_message(message)
        else:
            super()._deliver(message, queue)


class SentinelTransport(Transport):
    """The same for a broker that Sentinels name."""

    Channel = SentinelChannel


def find_flaw(message: Any) -> str:
    """Return the reason why an element of a task queue is not a message of the product; empty if it is one."""
    flaw = _find_flaw_in_envelope(message)
    if flaw:
        return flaw
    headers = message["headers"]
    if (message.get("content-type"), message.get("content-encoding")) != ("application/json", "utf-8"):
        return "not JSON inside"
    if any(headers.get(name) != value for name, value in _PLAIN.items()):
        return "scheduled or limited"
    try:
        body = message["body"]
        if message["properties"].get("body_encoding") == "base64":
            body = b64decode(body, validate=True)
        arguments, keywords, _ = json.loads(body)
    except (ValueError, TypeError, KeyError, RecursionError):
        return "unreadable body"
    if keywords or not isinstance(arguments, list):
        return "wrong arguments"
    return _find_flaw_in_arguments(headers.get("task"), arguments)


def _find_flaw_in_envelope(message: Any) -> str:
    if not isinstance(message, dict):
        return "no object"
    properties, headers = message.get("properties"), message.get("headers")
    if not isinstance(properties, dict) or not isinstance(headers, dict):
        return "no properties or no headers"
    if not isinstance(properties.get("delivery_tag"), str) or not isinstance(properties.get("delivery_info"), dict):
        return "no delivery tag"
    return ""


def _find_flaw_in_arguments(task: Any, arguments: list[Any]) -> str:
    if task == JOB_TASK_NAME:
        fits = len(arguments) == _JOB_ARGUMENTS and all(isinstance(value, str) for value in arguments)
        return "" if fits and arguments[1].isdecimal() else "wrong arguments"
    if task == TASK_NAME:
        fits = len(arguments) == 1 and isinstance(arguments[0], list) and all(map(_is_item, arguments[0]))
        return "" if fits else "wrong arguments"
    return "unknown task"


def _is_item(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(_ITEM_TYPES) - len(value) in (0, _OPTIONAL)
        and all(map(isinstance, value, _ITEM_TYPES))
    )
