"""Decoding the elements of a task queue, which anyone with write access to the broker may have put there."""

import json
from base64 import b64decode
from typing import Any, Final, NamedTuple

from shared.contract.names import JOB_TASK_NAME, TASK_NAME, Item

_JOB_ARGUMENTS: Final = 2
_PLAIN: Final = {"eta": None, "expires": None, "timelimit": [None, None]}
_ITEM_TYPES: Final = tuple(Item.__annotations__.values())
_OPTIONAL: Final = len(Item._field_defaults)


class FlawError(ValueError):
    """An element is not a message of the product; the error's text is the reason, without the element's content."""


class Message(NamedTuple):
    """A Celery message."""

    task: str
    """Name of the task."""
    arguments: list[Any]
    """The task's arguments."""
    id: str
    """The task's id."""
    redelivered: bool
    """Whether Celery has put the message back, so that an earlier run may have begun."""
    begun: bool
    """Whether its texts were marked as begun when it was queued (`_queue.lua`)."""


def decode_message(raw: bytes) -> Message:
    """Decode an element of a task queue.

    Raises:
        FlawError: it is not a message of the product.
    """
    try:
        element = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FlawError(not_json(error)) from None
    return _read(element)


def not_json(error: Exception) -> str:
    """Return the reason for an element that is not JSON."""
    return f"not JSON ({type(error).__name__})"


def find_flaw(element: Any) -> str:
    """Return the reason why an element, parsed as JSON, is not a message of the product; empty if it is one."""
    try:
        _read(element)
    except FlawError as flaw:
        return str(flaw)
    return ""


def find_flaw_in_envelope(element: Any) -> str:
    """Return the reason why an element, parsed as JSON, has not kombu's envelope; empty if it has."""
    if not isinstance(element, dict):
        return "no object"
    properties, headers = element.get("properties"), element.get("headers")
    if not isinstance(properties, dict) or not isinstance(headers, dict):
        return "no properties or no headers"
    if not isinstance(properties.get("delivery_tag"), str) or not isinstance(properties.get("delivery_info"), dict):
        return "no delivery tag"
    return ""


def _read(element: Any) -> Message:
    if flaw := find_flaw_in_envelope(element):
        raise FlawError(flaw)
    headers = element["headers"]
    if (element.get("content-type"), element.get("content-encoding")) != ("application/json", "utf-8"):
        raise FlawError("not JSON inside")
    if any(headers.get(name) != value for name, value in _PLAIN.items()):
        raise FlawError("scheduled or limited")
    try:
        body = element["body"]
        if element["properties"].get("body_encoding") == "base64":
            body = b64decode(body, validate=True)
        arguments, keywords, _ = json.loads(body)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise FlawError("unreadable body") from None
    if keywords or not isinstance(arguments, list):
        raise FlawError("wrong arguments")
    if flaw := _find_flaw_in_arguments(headers.get("task"), arguments):
        raise FlawError(flaw)
    redelivered = element["properties"]["delivery_info"].get("redelivered") is True
    return Message(headers["task"], arguments, str(headers.get("id")), redelivered, element.get("begun") is True)


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
