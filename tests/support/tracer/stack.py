"""Running the whole product with the hook that records calls, on free ports."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.tracer.connection import Connection
from tests.support.waiting import wait_for

_ROOT = Path(__file__).parents[3]
HOOK = Path(__file__).parent / "hook"
_START_SECONDS = 120.0
_STOP_SECONDS = 90.0


@contextmanager
def traced_stack(folder: Path) -> Iterator[Connection]:
    """Run the product with one model process, whose calls are written to `folder`; yield a connection to its API."""
    api, flower = _free_ports(2)
    variables = {
        "TRACE_DIR": str(folder),
        "TRACE_ROOT": str(_ROOT),
        "PYTHONPATH": os.pathsep.join([str(HOOK), str(_ROOT)]),
        "SENTIMENT_API_PORT": str(api),
        "SENTIMENT_FLOWER_PORT": str(flower),
        "SENTIMENT_WORKER_PROCESSES": "1",
    }
    command = [sys.executable, "-m", "shared.stack", "run", "--data", str(folder / "data")]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, env=os.environ | variables, cwd=_ROOT, stdout=log, stderr=log)
    try:
        wait_for(lambda: _healthy(api) or child.poll() is not None, "the product to be healthy", _START_SECONDS)
        assert child.poll() is None, (folder / "log").read_text()
        with closing(Connection(api)) as connection:
            yield connection
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(_STOP_SECONDS)


def _healthy(port: int) -> bool:
    try:
        with closing(Connection(port)) as connection:
            connection.ask("GET", "/health")
    except (OSError, AssertionError):
        return False
    return True


def _free_ports(count: int) -> list[int]:
    """Return different free ports."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
