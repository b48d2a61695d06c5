"""Signed job ids, which prove when and for which owner they were made.

An id is 32 characters of base32: six bytes of time (ms), six random bytes, and eight bytes of a keyed BLAKE2b over both
and the owner. So an expired job can be distinguished from one that never existed, without a permanent record.
"""

import hmac
import secrets
from base64 import b32decode, b32encode
from hashlib import blake2b
from typing import Final

_TIME: Final = 6
_RANDOM: Final = 6
_SIGNATURE: Final = 8
_LENGTH: Final = 32


def make_id(secret: bytes, owner: str, now_ms: int) -> str:
    """Make a new id.

    Args:
        secret: the key of the signature, known only to the API processes.
        owner: name of the client to which the job belongs; empty if the API requires no keys.
        now_ms: the time, in ms since 1970.
    """
    head = now_ms.to_bytes(_TIME) + secrets.token_bytes(_RANDOM)
    return b32encode(head + _sign(secret, owner, head)).decode().lower()


def issued_at(secret: bytes, owner: str, job_id: str) -> int | None:
    """Return the time at which an id was made for this owner, in ms since 1970; None if the signature is wrong."""
    if len(job_id) != _LENGTH or not job_id.isascii() or not job_id.islower():
        return None
    try:
        data = b32decode(job_id.upper())
    except ValueError:
        return None
    head, signature = data[: _TIME + _RANDOM], data[_TIME + _RANDOM :]
    if not hmac.compare_digest(signature, _sign(secret, owner, head)):
        return None
    return int.from_bytes(head[:_TIME])


def _sign(secret: bytes, owner: str, head: bytes) -> bytes:
    return blake2b(head + owner.encode(), key=secret, digest_size=_SIGNATURE).digest()
