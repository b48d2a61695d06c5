"""Reading and validating the body of a request: first its limits, then pydantic on the raw bytes."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import Callable
from typing import Final, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.errors.problems import BodyTimeoutError, BodyTooLargeError, InvalidRequestError
from api.http.content import Content, CorruptContentError, Inflater, UnsupportedContentError, content_of

T = TypeVar("T")
_LONGEST: Final = 64
"""Most characters of a name in the location of an error; a name may come from the client."""


async def read_body(request: Request, content: Content, most: int, seconds: float) -> bytes:
    """Read a body of at most `most` bytes, both packed and unpacked, within a number of seconds.

    Raises:
        BodyTooLargeError: the body, or the Content-Length, is larger.
        BodyTimeoutError: the body did not arrive in time.
        CorruptContentError: the body cannot be unpacked.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise BodyTooLargeError
    try:
        async with asyncio.timeout(seconds):
            return await (_read_packed(request, content.inflater(), most) if content.inflater else _read(request, most))
    except TimeoutError:
        raise BodyTimeoutError from None


async def _read(request: Request, most: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise BodyTooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


async def _read_packed(request: Request, inflater: Inflater, most: int) -> bytes:
    packed, pieces, size = 0, [], 0
    async for chunk in request.stream():
        packed += len(chunk)
        if packed > most:
            raise BodyTooLargeError
        for piece in inflater.feed(chunk):
            size += len(piece)
            if size > most:
                raise BodyTooLargeError
            pieces.append(piece)
            await asyncio.sleep(0)  # lets other requests run between two pieces
    inflater.end()
    return b"".join(pieces)


async def parse_body(
    request: Request, validate: Callable[[bytes], T], most: int, seconds: float, *, json: bool = True
) -> T:
    """Read a body and return the result of `validate` for it.

    Args:
        request: the request.
        validate: reads the unpacked bytes.
        most: most bytes of the body, both packed and unpacked.
        seconds: longest time until the whole body has arrived.
        json: whether the body is JSON; otherwise its media type is not looked at.

    Raises:
        BodyTooLargeError, BodyTimeoutError: see `read_body`.
        InvalidRequestError: the body cannot be unpacked, or `validate` raised a ValidationError.
        HTTPException: 415, the headers declare an unsupported media type or coding.
    """
    try:
        content_type = _header(request, "content-type") if json else b""
        content = content_of(content_type, _header(request, "content-encoding"))
        body = await read_body(request, content, most, seconds)
        return validate(body.removeprefix(BOM_UTF8) if json else body)
    except UnsupportedContentError as error:
        raise HTTPException(415, str(error), error.headers) from None
    except CorruptContentError:
        coding = request.headers["content-encoding"].strip().lower()
        raise InvalidRequestError([{"location": "body", "message": f"The body is not whole or not {coding}"}]) from None
    except ValidationError as error:
        raise InvalidRequestError(_reasons(error)) from None


def _header(request: Request, name: str) -> bytes:
    """Return the value of a header; the values of several lines are joined by commas."""
    return b",".join(value for known, value in request.headers.raw if known == name.encode())


def _reasons(error: ValidationError) -> list[dict[str, str]]:
    """Return the location and message of up to ten errors, without values: no text may be in an error or a log."""
    return [
        {"location": ".".join(["body", *(str(part)[:_LONGEST] for part in reason["loc"])]), "message": reason["msg"]}
        for reason in error.errors(include_url=False, include_context=False, include_input=False)[:10]
    ]
