"""Free ports, and a clear error for a port that is in use."""

import socket

from shared.stack.errors import StackError


def free_port() -> int:
    """Return a loopback port on which no process listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(part: str, host: str, port: int, setting: str) -> None:
    """Check that a part can listen on an address.

    Raises:
        StackError: another process listens there, or the machine does not have this address.
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
