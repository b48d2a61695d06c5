"""Bytes of an input as text: which encoding, and lines that stay below a bound."""

import codecs
import io
from collections.abc import Iterator
from typing import Final

from client.cli.process.ending import CommandError, Exit
from client.cli.source import Source

LONGEST: Final = 16 * 1024 * 1024
"""Most characters in a line or field; a missing quote would otherwise take in the whole file."""
_MARKS: Final = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
_FOREIGN: Final = {
    b"PK\x03\x04": "a spreadsheet or a zip archive: save it as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "a document of Excel or Word: save it as CSV",
    b"\x1f\x8b": "packed by gzip: unpack it, or give it a name that ends in .gz",
}


class Text:
    """A source of text, read once.

    Args:
        source: its bytes.
        encoding: what it is in; UTF-8 if None, unless it begins with the byte order mark of UTF-16.

    Raises:
        CommandError: it is no text, there is no such encoding, or the mark is another's; later, it is not of it.
    """

    def __init__(self, source: Source, encoding: str | None) -> None:
        self.name = source.name
        self._source = source
        self._first = self._beginning()
        foreign = next((what for magic, what in _FOREIGN.items() if self._first.startswith(magic)), None)
        if foreign:
            raise CommandError(f"{self.name} is {foreign}", Exit.USAGE)
        given = _codec(encoding) if encoding is not None else None
        marked = _encoding_of_mark(self._first, given, source.name)
        self.marked = marked is not None
        """Whether it begins with a byte order mark."""
        self._encoding = marked or given or "utf-8"
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._decoded = len(_MARKS[marked]) if marked else 0
        self._first = self._first[self._decoded :]
        self._line = ""

    @property
    def position(self) -> int:
        """Bytes of the file that were read."""
        return self._source.position

    @property
    def end(self) -> str:
        """The end of the line that was given last."""
        return self._line[len(bare(self._line)) :]

    def available_lines(self) -> Iterator[list[str]]:
        """Give the lines, all that have arrived at once, without their ends."""
        for lines in self._batches():
            if lines:
                yield list(map(bare, lines))

    def lines(self) -> Iterator[str]:
        """Give the lines one by one, with their ends: CRLF, LF or CR."""
        for lines in self._batches():
            for line in lines:
                self._line = line
                yield line

    def _beginning(self) -> bytes:
        """Read until it is clear whether there is a mark, or something else than text."""
        data = b""
        while any(mark.startswith(data) and mark != data for mark in (*_MARKS.values(), *_FOREIGN)):
            more = self._source.read()
            if not more:
                break
            data += more
        return data

    def _batches(self) -> Iterator[list[str]]:
        rest = ""
        for piece in self._pieces():
            lines = _split(rest + piece)
            # Behind a CR at the very end an LF may follow.
            rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
            if len(rest) > LONGEST:
                raise CommandError(f"{self.name} has a line of more than {LONGEST:,} characters")
            yield lines
        yield _split(rest)

    def _pieces(self) -> Iterator[str]:
        yield self._decode(self._first, final=False)
        while data := self._source.read():
            yield self._decode(data, final=False)
        yield self._decode(b"", final=True)

    def _decode(self, data: bytes, *, final: bool) -> str:
        try:
            piece = self._decoder.decode(data, final)
            piece.encode()  # some decoders let halves of surrogate pairs pass
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            raise CommandError(
                f"{self.name} is not {self._encoding} (near byte {self._decoded + start}); "
                "say what it is with --encoding"
            ) from None
        self._decoded += len(data)
        return piece


def bare(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")


def _split(text: str) -> list[str]:
    """Cut behind every CRLF, LF and CR."""
    return list(io.StringIO(text, newline=""))


def _codec(encoding: str) -> str:
    """Return the usual name of an encoding of text."""
    try:
        " ".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise CommandError(f"there is no encoding {encoding!r}", Exit.USAGE) from None


def _encoding_of_mark(first: bytes, given: str | None, name: str) -> str | None:
    """Return the encoding whose byte order mark the text has, if any.

    Raises:
        CommandError: it is not the encoding that was given.
    """
    marks = [encoding for encoding, mark in _MARKS.items() if first.startswith(mark)]
    if given is None:
        return marks[0] if marks and not marks[0].startswith("utf-32") else None
    fitting = [encoding for encoding in marks if given in {encoding, encoding[:6], f"{encoding}-sig"}]
    if marks and not fitting:
        raise CommandError(f"{name} begins with the byte order mark of {marks[0]}, so it is not {given}", Exit.USAGE)
    return fitting[0] if fitting else None
