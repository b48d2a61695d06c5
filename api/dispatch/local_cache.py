"""The answers that this process keeps itself."""

from collections import OrderedDict


class LocalCache:
    """The most recently used answers by key. An answer for a key never changes, so nothing is invalidated.

    Args:
        capacity: most entries; the least recently used one goes first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> bytes | None:
        """Look an answer up and remember that it was wanted."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep an answer."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
