"""A stream that gives its bytes a few at a time."""

import io


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        piece, self._data = self._data[: self._size], self._data[self._size :]
        memoryview(buffer)[: len(piece)] = piece  # type: ignore[arg-type]
        return len(piece)
