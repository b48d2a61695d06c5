"""``python -m shared.wait``: wait until both Redis accept a connection; for init containers.

Of several Sentinels, one must accept it. It waits for half a minute at most, because each part can start without Redis.
A Redis Cluster is refused.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from shared.broker.cluster import require_no_cluster
from shared.broker.connect import Server
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.contract.errors import SentimentError

_PAUSE: Final = 0.5
_SECONDS: Final = 2.0
_LONGEST: Final = 30.0


def wait_for_redis(say: Callable[[str], object] = sys.stdout.write, longest: float = _LONGEST) -> None:
    """Wait for the Redis of each URL in the environment, and write each new reason for waiting.

    Args:
        say: writes a line.
        longest: most seconds for all of them together; after that, it returns without a connection.

    Raises:
        SentimentError: a server is part of a cluster.
    """
    until = time.monotonic() + longest
    for role in Role:
        with suppress(ValueError):  # unset or wrong: the part that uses the variable reports it
            url = RedisUrl.parse(os.environ.get(f"SENTIMENT_{role.upper()}_URL", ""))
            if _wait(url.addresses, until, say):
                authorities = os.environ.get("SENTIMENT_REDIS_CA_FILE")
                require_no_cluster({role: Server(url, Path(authorities) if authorities else None)})


def _wait(addresses: Sequence[tuple[str, int]], until: float, say: Callable[[str], object]) -> bool:
    """Wait for a connection to one of several addresses, and return whether there was one."""
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
                return True
        if time.monotonic() > until:
            say(f"going on without {', '.join(f'{host}:{port}' for host, port in addresses)}\n")
            return False
        time.sleep(_PAUSE)


def main() -> int:
    """Wait, and return 2 if a server is of no use."""
    try:
        wait_for_redis()
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
