"""Hosts of their own on this machine: Linux network namespaces on one bridge, which a test can cut off."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.support.sentinel import Host

_NET = "10.213.{part}.{host}"
_PROGRAM = shutil.which("ip") or "ip"
_DATA, _CONTROL = 7, 8


class Network:
    """Namespaces with two networks: one for Redis, which can be cut, and one by which the test reaches its own parts.

    Args:
        number: number of namespaces.
    """

    def __init__(self, number: int) -> None:
        self._id = f"s{os.getpid() % 10**6}"
        self._names = [f"{self._id}-{i}" for i in range(number)]

    @property
    def hosts(self) -> list[Host]:
        """The namespaces as places of servers."""
        return [Host(_NET.format(part=_DATA, host=i + 2), inside(name)) for i, name in enumerate(self._names)]

    def control_address(self, host: int) -> str:
        """Return the address of a namespace that is never cut off."""
        return _NET.format(part=_CONTROL, host=host + 2)

    def make(self) -> None:
        """Make the bridges and namespaces.

        Raises:
            CalledProcessError: this user may not do that here.
        """
        for part in (_DATA, _CONTROL):
            bridge = f"{self._id}b{part}"
            _ip("link", "add", bridge, "type", "bridge")
            _ip("addr", "add", f"{_NET.format(part=part, host=1)}/24", "dev", bridge)
            _ip("link", "set", bridge, "up")
        for i, name in enumerate(self._names):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
            for part in (_DATA, _CONTROL):
                outer, inner = self._outer(i, part), f"eth{part}"
                _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
                _ip("link", "set", outer, "master", f"{self._id}b{part}", "up")
                _ip("-n", name, "addr", "add", f"{_NET.format(part=part, host=i + 2)}/24", "dev", inner)
                _ip("-n", name, "link", "set", inner, "up")

    def cut(self, host: int) -> None:
        """Cut a namespace off from the others."""
        _ip("link", "set", self._outer(host, _DATA), "down")

    def heal(self, host: int) -> None:
        _ip("link", "set", self._outer(host, _DATA), "up")

    def remove(self) -> None:
        """Remove bridges and namespaces, as far as they were made."""
        for name in self._names:
            _ip("netns", "del", name, check=False)
        for part in (_DATA, _CONTROL):
            _ip("link", "del", f"{self._id}b{part}", check=False)

    def _outer(self, host: int, part: int) -> str:
        return f"{self._id}v{part}{host}"


def inside(namespace: str) -> Sequence[str]:
    """Return the beginning of a command that runs in a namespace."""
    return (_PROGRAM, "netns", "exec", namespace)


@contextmanager
def network(number: int) -> Iterator[Network]:
    """Make a network for a test; skip the test where that is not permitted."""
    made = Network(number)
    try:
        try:
            made.make()
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"network namespaces cannot be made here: {error}")
        yield made
    finally:
        made.remove()


def _ip(*arguments: str, check: bool = True) -> None:
    subprocess.run([_PROGRAM, *arguments], check=check, capture_output=True)
