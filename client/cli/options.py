"""Options of every command that asks a service."""

import functools
import logging
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

from client.cli.process.ending import CommandError, Exit
from client.connection import (
    DEFAULT_SERVICE,
    DEFAULT_TIMEOUT,
    DEFAULT_URL,
    KEY_VARIABLE,
    SERVICE_VARIABLE,
    URL_VARIABLE,
)
from client.core import other_version
from client.sync import SentimentClient
from client.version import fits

_FIRST_SECONDS: Final = 3.0
"""A service that does not answer at all is given up so soon before anything has begun."""
_CLEAR_LINE: Final = "\r\x1b[K"


class _Word(click.ParamType[str]):
    """A word in UTF-8 in any locale."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it."""
        try:
            return os.fsencode(value).decode()
        except UnicodeError:
            self.fail(f"{value!r} is not UTF-8", param, ctx)


class Seconds(click.FloatRange):
    """A time."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a time", param, ctx)
        return seconds


WORD: Final = _Word()
SECONDS: Final = Seconds(min=0, min_open=True)


@dataclass(frozen=True)
class Target:
    """Which service, and how to talk."""

    url: str | None
    api_key: str | None
    service: str | None
    timeout: float
    quiet: bool

    def open(self) -> SentimentClient:
        """Make a client."""
        if not self.quiet:
            _tell_waits()
        try:
            return SentimentClient(
                self.url, api_key=self.api_key, service=self.service, timeout=self.timeout, check_version=False
            )
        except ValueError as error:
            raise CommandError(str(error), Exit.USAGE) from None

    def connect(self) -> SentimentClient:
        """Make a client whose service has answered once."""
        client = self.open()
        version = client.service(timeout=min(_FIRST_SECONDS, self.timeout)).version
        if version and not fits(version):
            self.say(f"warning: {other_version(version)}")
        return client

    def say(self, line: str) -> None:
        """Tell people something."""
        if not self.quiet:
            click.echo(line, err=True)


def service_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and give the command a `Target` as ``target`` in their place."""

    @functools.wraps(command)
    def with_target(*args: Any, **given: Any) -> Any:
        named = {name: given.pop(name) for name in ("url", "api_key", "service", "timeout", "quiet")}
        return command(*args, target=Target(**named), **given)

    for option in reversed(_OPTIONS):
        with_target = option(with_target)
    return with_target


_OPTIONS: Final = (
    click.option(
        "--url", type=WORD, metavar="URL", help=f"The service's base URL [{URL_VARIABLE}, else {DEFAULT_URL}]."
    ),
    click.option("--api-key", type=WORD, metavar="KEY", help=f"Better in the environment [{KEY_VARIABLE}]."),
    click.option(
        "--service",
        type=WORD,
        metavar="NAME",
        help=f"First part of the service's paths [{SERVICE_VARIABLE}, else {DEFAULT_SERVICE}].",
    ),
    click.option(
        "--timeout",
        type=SECONDS,
        default=DEFAULT_TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="For one answer, all tries included.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
)


class _Waits(logging.Handler):
    """Writes why the client waits, over a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = _CLEAR_LINE if sys.stderr.isatty() else ""
        click.echo(f"{prefix}{record.getMessage()}", err=True)


def _tell_waits() -> None:
    logger = logging.getLogger("client")
    if not logger.handlers:
        logger.addHandler(_Waits())
        logger.setLevel(logging.INFO)
        logger.propagate = False
