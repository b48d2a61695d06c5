"""Signals that stop the command, and its end by one."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import click

from client.cli.process.streams import drop_output

_STOPPING: Final = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_SIGPIPE: Final = 13
"""Windows has no such signal, but readers that go away."""


class Stopped(KeyboardInterrupt):
    """A signal has asked the command to stop.

    Args:
        number: the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def listen() -> None:
    """Raise `Stopped` at the first signal; the next one ends the process. Those that are ignored stay so."""
    for number in _STOPPING:
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _stop)


def _stop(number: int, _frame: Any) -> NoReturn:
    for other in _STOPPING:
        if signal.getsignal(other) is _stop:
            signal.signal(other, signal.SIG_DFL)
    raise Stopped(number)


@contextmanager
def ending_by_signal() -> Iterator[None]:
    """End by a signal where it, or a reader that went away, is the reason; a shell knows then, and stops its loop."""
    try:
        yield
    except BrokenPipeError:
        _die_by(_SIGPIPE)
    except (KeyboardInterrupt, click.Abort) as error:
        _die_by(error.number if isinstance(error, Stopped) else signal.SIGINT)


def _die_by(number: int) -> NoReturn:
    drop_output()
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(128 + number)
