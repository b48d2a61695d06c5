"""The check for settings that are unsafe in production, at the start of every part."""

from collections.abc import Collection

from shared.broker.role import Role
from shared.contract.errors import UnsafeSettingsError
from shared.process.choices import Environment
from shared.process.settings import Settings

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def require_safe(settings: Settings, roles: Collection[Role] = tuple(Role)) -> None:
    """Check that settings are safe if the environment is production.

    Args:
        settings: the settings.
        roles: the Redis that the part uses.

    Raises:
        UnsafeSettingsError: it lists every unsafe setting, and how to change it.
    """
    if settings.env is not Environment.PRODUCTION:
        return
    flaws = [*_flaws_of_redis(settings, roles), *_flaws(settings)]
    if flaws:
        raise UnsafeSettingsError(flaws)


def _flaws(settings: Settings) -> list[str]:
    flaws = []
    if not settings.api_key_list and not settings.allow_anonymous:
        flaws.append(
            "SENTIMENT_API_KEYS is empty: set keys, or SENTIMENT_ALLOW_ANONYMOUS=true if a gateway authenticates"
        )
    if "*" in settings.cors_origins:
        flaws.append("SENTIMENT_CORS_ORIGINS is *: name the origins")
    if settings.log_level == "DEBUG":
        flaws.append("SENTIMENT_LOG_LEVEL is DEBUG: libraries may log what users send; use INFO")
    if settings.engine not in {"auto", "native", "onnx", "torch"}:
        flaws.append(f"SENTIMENT_ENGINE is {settings.engine}: use auto, native, onnx or torch")
    return flaws


def _flaws_of_redis(settings: Settings, roles: Collection[Role]) -> list[str]:
    flaws = []
    urls = {Role.BROKER: settings.broker.url, Role.CACHE: settings.cache.url}
    for name, url in ((role.upper(), urls[role]) for role in roles):
        if not url.password:
            flaws.append(f"SENTIMENT_{name}_URL has no password: whoever reaches that Redis could run tasks")
        remote = any(host not in _LOOPBACK for host, _ in url.addresses)
        if not url.tls and remote and not settings.allow_plain_redis:
            flaws.append(
                f"SENTIMENT_{name}_URL is not encrypted: use rediss:// or rediss+sentinel://, "
                "or SENTIMENT_ALLOW_PLAIN_REDIS=true inside a network that you trust"
            )
    return flaws
