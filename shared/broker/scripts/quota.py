"""The script of the quotas of clients."""

from typing import Any, NamedTuple

from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Call, Script

_RATE = Script("rate")


class Quota(NamedTuple):
    """The state of a client's token bucket; times are in seconds from now."""

    allowed: bool
    left: int
    next_token: float
    full_again: float


def take(keys: Keyspace, *, client: str, rate: float, burst: int) -> Call[Quota]:
    """Take a token out of a client's bucket if the bucket is not empty; the reply is the bucket's state.

    Args:
        keys: the service's key names.
        client: name of the client, without its API key.
        rate: tokens that the bucket gains in a second.
        burst: most tokens in the bucket.
    """
    return Call(_RATE, [keys.quota(client)], [rate, burst], _quota)


def _quota(reply: Any) -> Quota:
    allowed, left, next_token, full = reply
    return Quota(bool(allowed), left, next_token / 1000, full / 1000)
