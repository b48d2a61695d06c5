"""Telling clients apart by their API keys."""

import hmac
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

_SCHEME: Final = b"bearer "


class Authenticator:
    """Knows the keys by their digests alone.

    Args:
        keys: the secrets that clients send; without any, everybody is let in.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key.encode()) for key in keys]

    @property
    def active(self) -> bool:
        """Whether clients must say who they are."""
        return bool(self._digests)

    def owner_of(self, authorization: bytes) -> str | None:
        """Return the name under which a client's jobs and quota are kept; None for a stranger.

        Every key is compared, in time that tells nothing of how close a guess was.

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
