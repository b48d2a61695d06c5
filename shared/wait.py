"""``python -m shared.wait``: wait until both Redis accept a connection; for init containers.

It waits for half a minute at most, because each part can start without Redis. It needs only the standard library.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
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
            url = RedisUrl.parse(os.environ.get(variable, ""))
            _wait(url.host, url.port, until, say)


def _wait(host: str, port: int, until: float, say: Callable[[str], object]) -> None:
    told = ""
    while True:
        try:
            socket.create_connection((host, port), _SECONDS).close()
        except OSError as error:
            if str(error) != told:
                told = str(error)
                say(f"waiting for {host}:{port}: {told}\n")
            if time.monotonic() > until:
                say(f"going on without {host}:{port}\n")
                return
            time.sleep(_PAUSE)
        else:
            return


if __name__ == "__main__":
    wait_for_redis()
