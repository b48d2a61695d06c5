"""Reading and validating a body: limits first, then one pass of pydantic over the raw bytes."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.problems import BodyTimeoutError, BodyTooLargeError, InvalidRequestError

T = TypeVar("T")


async def read_body(request: Request, most: int, patience: float) -> bytes:
    """Read at most `most` bytes within `patience` seconds.

    Raises:
        BodyTooLargeError: there are more, or the client says that there will be.
        BodyTimeoutError: they did not arrive in time.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise BodyTooLargeError
    chunks, size = [], 0
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise BodyTooLargeError
                chunks.append(chunk)
    except TimeoutError:
        raise BodyTimeoutError from None
    return b"".join(chunks)


async def parse_body(request: Request, validate: Callable[[bytes], T], most: int, patience: float) -> T:
    """Read a JSON body and return what `validate` makes of it.

    Raises:
        BodyTooLargeError, BodyTimeoutError: see `read_body`.
        InvalidRequestError: `validate` raised a ValidationError.
        HTTPException: 415, the body is declared to be something else than JSON.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPException(415, "Send the body as application/json.")
    body = await read_body(request, most, patience)
    try:
        return validate(body)
    except ValidationError as error:
        raise InvalidRequestError(_reasons(error)) from None


def _reasons(error: ValidationError) -> list[dict[str, str]]:
    """Say where and why, never what: a text must not come back in an error or reach a log."""
    return [
        {"location": ".".join(["body", *map(str, reason["loc"])]), "message": reason["msg"]}
        for reason in error.errors(include_url=False, include_context=False, include_input=False)[:10]
    ]
