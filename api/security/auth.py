"""Identifying clients by their API keys."""

import hmac
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

_SCHEME: Final = b"bearer "


class Authenticator:
    """Checks API keys; it stores only their digests.

    Args:
        keys: the keys of all clients; without keys, no request needs one.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key.encode()) for key in keys]

    @property
    def active(self) -> bool:
        """Whether requests need a key."""
        return bool(self._digests)

    def owner_of(self, authorization: bytes) -> str | None:
        """Return the name of a client, to which its jobs and its quota belong; None if the key is not valid.

        The header is compared with every key in constant time.

        Args:
            authorization: the header's value, ``Bearer KEY``.
        """
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        given = _digest(authorization[len(_SCHEME) :].strip())
        known = [hmac.compare_digest(given, digest) for digest in self._digests]
        return given.hex() if any(known) else None


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=16, person=b"api-key").digest()
