"""Broker and cache started as the chart's containers start them, on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.access import Part
from shared.stack.ports import free_port
from tests.charts.tools import named, render
from tests.charts.values import LAB
from tests.support.waiting import wait_for

PASSWORD: Final = "mainpassword1"
PASSWORDS: Final = {part: f"{part}password2" for part in Part}
"""Passwords of the users of the parts."""


def start(
    part: str, folder: Path, binary: Path, port: int, values: tuple[str, ...] = LAB, **environment: str
) -> subprocess.Popen[str]:
    """Run the shell of a part's container, in a folder instead of a pod.

    Args:
        part: broker or cache.
        folder: takes its files.
        binary: the server.
        port: where it listens.
        values: values of the chart.
        environment: over the passwords of this module.
    """
    files = named(render(*values), "ConfigMap")[f"release-sentiment-{part}"]["data"]
    for name, text in files.items():
        own = text.replace("/etc/redis", str(folder)).replace("dir /data", f"dir {folder}\nport {port}")
        (folder / name).write_text(own.replace("exec redis-server", f"exec {binary}"))
    passwords = {"REDISCLI_AUTH": PASSWORD} | {f"{part.upper()}_PASSWORD": PASSWORDS[part] for part in Part}
    shell = shutil.which("sh")
    assert shell
    return subprocess.Popen(
        [shell, folder / "start.sh"],
        env={"PATH": os.environ["PATH"]} | passwords | environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@contextmanager
def running(part: str, folder: Path, binary: Path, values: tuple[str, ...] = LAB, **environment: str) -> Iterator[int]:
    """Start a part and give its port, once it answers."""
    port = free_port()
    child = start(part, folder, binary, port, values, **environment)
    try:
        wait_for(lambda: _answers(port), f"the {part} to answer")
        yield port
    finally:
        child.terminate()
        child.communicate(timeout=10)


def _answers(port: int) -> bool:
    with Redis(port=port, password=PASSWORD, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
