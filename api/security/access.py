"""The paths that need no key or do not count against a quota."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shared.process.settings import Settings

_OPEN: Final = ("/livez", "/readyz", "/", "/docs", "/openapi.json")
_HEALTH: Final = ("/health", "/metrics")
_ASSETS: Final = ("/docs/", "/page/")


class Access(NamedTuple):
    """The exempt paths. Every other path, also that of a new route, needs a key and counts."""

    open: frozenset[str]
    """Paths that need no key."""
    unlimited: frozenset[str]
    """Paths that do not count against a quota."""
    assets: tuple[str, ...]
    """Beginnings of paths of public files: they need no key and do not count."""


def access(settings: Settings, health: Iterable[str]) -> Access:
    """Return the exempt paths of a service.

    Args:
        settings: the prefix, and whether health needs a key.
        health: paths of health checks of other protocols.
    """
    prefix = settings.path_prefix
    always = frozenset({*_OPEN, f"{prefix}/openapi.json", f"{prefix}/", prefix})
    unlimited = always | {*_HEALTH, f"{prefix}/health", f"{prefix}/stats", *health}
    return Access(
        open=always if settings.protect_health else unlimited,
        unlimited=unlimited,
        assets=(*_ASSETS, f"{prefix}/page/"),
    )
