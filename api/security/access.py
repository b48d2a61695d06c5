"""The paths that need no key or do not count against a quota."""

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


def access(settings: Settings) -> Access:
    """Return the exempt paths of a service."""
    prefix = settings.path_prefix
    always = frozenset({*_OPEN, f"{prefix}/openapi.json", f"{prefix}/", prefix})
    unlimited = always | {*_HEALTH, f"{prefix}/health", f"{prefix}/stats"}
    return Access(
        open=always if settings.protect_health else unlimited,
        unlimited=unlimited,
        assets=(*_ASSETS, f"{prefix}/page/"),
    )
