"""Ports: free ones, and a clear word about taken ones."""

import socket

from shared.stack.errors import StackError


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(part: str, host: str, port: int, setting: str) -> None:
    """Check that a part will be able to listen.

    Raises:
        StackError: somebody else does, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StackError(
                f"{part} cannot listen on {host}:{port} ({error.strerror}); choose another port with {setting}"
            ) from None
