"""Bytes of somebody's file as text: which encoding, and lines that stay below a bound."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import Final, cast

from client.cli.ending import CommandError, Exit

LONGEST: Final = 16 * 1024 * 1024
"""Most characters in a line or field; a missing quote would otherwise take in the whole file."""
_CHUNK: Final = 64 * 1024
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Text:
    """A source of text, read once.

    Args:
        stream: its bytes.
        name: for errors.
        encoding: what it is in; UTF-8 if None, unless it begins with the mark of another.

    Raises:
        CommandError: there is no such encoding; later, the bytes are not of it.
    """

    def __init__(self, stream: BufferedReader, name: str, encoding: str | None) -> None:
        self.name = name
        self.position = 0
        """Bytes that were read."""
        self._stream = stream
        self._first = self._read()
        mark = next((mark for mark in _MARKS if self._first.startswith(mark)), b"")
        self.marked = mark == codecs.BOM_UTF8 and encoding is None
        """Whether it begins with UTF-8's byte order mark, as Excel wants it."""
        self._encoding = encoding or _MARKS.get(mark, "utf-8")
        try:
            self._decoder = codecs.getincrementaldecoder(self._encoding)()
        except LookupError:
            raise CommandError(f"there is no encoding {encoding!r}", Exit.USAGE) from None

    def pieces(self) -> Iterator[str]:
        """Give the text as it arrives."""
        data = self._first
        while data:
            yield self._decode(data, final=False)
            data = self._read()
        yield self._decode(b"", final=True)

    def available_lines(self) -> Iterator[list[str]]:
        """Give the lines, all that have arrived at once, without their ends."""
        rest = ""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split("\n")
            self._bound(rest)
            if lines:
                yield [line.removesuffix("\r") for line in lines]
        if rest:
            yield [rest.removesuffix("\r")]

    def lines(self) -> Iterator[str]:
        """Give the lines one by one, with their ends."""
        rest = ""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split("\n")
            self._bound(rest)
            for line in lines:
                yield line + "\n"
        if rest:
            yield rest

    def _read(self) -> bytes:
        data = self._stream.read1(_CHUNK)  # what has arrived, without waiting for more
        self.position += len(data)
        return data

    def _decode(self, data: bytes, *, final: bool) -> str:
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            where = max(0, self.position - len(data) + error.start)
            raise CommandError(
                f"{self.name} is not {self._encoding} (near byte {where}); say what it is with --encoding"
            ) from None

    def _bound(self, rest: str) -> None:
        if len(rest) > LONGEST:
            raise CommandError(f"{self.name} has a line of more than {LONGEST:,} characters")


def open_input(name: str) -> AbstractContextManager[BufferedReader]:
    """Open a file, or stdin, which stays open, by the name -.

    Raises:
        CommandError: it cannot be read.
    """
    if name == "-":
        return nullcontext(cast("BufferedReader", sys.stdin.buffer))
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}", Exit.USAGE) from None
