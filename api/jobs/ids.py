"""Job ids that tell by themselves whether they were ever given out, when, and to whom.

An id is 32 characters of base32: six bytes of time (ms), six random ones, and eight of a keyed BLAKE2b over both and
the owner. So a job whose record is gone is told from one that never was, without keeping a record for ever.
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
        secret: known to every API process and nobody else.
        owner: who may see the job; empty where nobody needs to say who they are.
        now_ms: the time, in ms since 1970.
    """
    head = now_ms.to_bytes(_TIME) + secrets.token_bytes(_RANDOM)
    return b32encode(head + _sign(secret, owner, head)).decode().lower()


def issued_at(secret: bytes, owner: str, job_id: str) -> int | None:
    """Return when an id was made for this owner, in ms since 1970; None if it never was."""
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
