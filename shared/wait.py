"""``python -m shared.wait``: wait until both Redis accept a connection; for init containers.

Of several Sentinels, one must accept it. It waits for half a minute at most, because each part can start without Redis.
It needs only the standard library.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from shared.broker.url import RedisUrl

_VARIABLES: Final = ("SENTIMENT_BROKER_URL", "SENTIMENT_CACHE_URL")
_PAUSE: Final = 0.5
_SECONDS: Final = 2.0
_LONGEST: Final = 30.0


def wait_for_redis(say: Callable[[str], object] = sys.stdout.write, longest: float = _LONGEST) -> None:
    """Wait for the Redis of each URL in the environment, and write each new reason for waiting.

    Args:
        say: writes a line.
        longest: most seconds for all of them together; after that, it returns without a connection.
    """
    until = time.monotonic() + longest
    for variable in _VARIABLES:
        with suppress(ValueError):  # unset or wrong: the part that uses the variable reports it
            _wait(RedisUrl.parse(os.environ.get(variable, "")).addresses, until, say)


def _wait(addresses: Sequence[tuple[str, int]], until: float, say: Callable[[str], object]) -> None:
    told: dict[tuple[str, int], str] = {}
    while True:
        for host, port in addresses:
            try:
                socket.create_connection((host, port), _SECONDS).close()
            except OSError as error:
                if str(error) != told.get((host, port)):
                    told[host, port] = str(error)
                    say(f"waiting for {host}:{port}: {error}\n")
            else:
                return
        if time.monotonic() > until:
            say(f"going on without {', '.join(f'{host}:{port}' for host, port in addresses)}\n")
            return
        time.sleep(_PAUSE)


if __name__ == "__main__":
    wait_for_redis()
