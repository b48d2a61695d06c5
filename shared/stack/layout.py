"""The parts of the product on one machine, with their commands, ports and files."""

import asyncio
import fcntl
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from redis.exceptions import RedisError

from shared.broker import access
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.process.settings import Settings
from shared.stack.child import Part
from shared.stack.errors import StackError
from shared.stack.ports import free_port, require_free
from shared.stack.redis import RedisConfig, find_server, require_readable

_WORKER_STOP_SECONDS: Final = 75.0  # the task time limit, and prefork's slowest warm shutdown
_PROBE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Layout:
    """The parts in the order in which they start, and their addresses and credentials for the user."""

    parts: tuple[Part, ...]
    api: str
    """Base URL of the API."""
    flower: str
    user: str
    password: str
    key: str = ""
    """An API key, if the API requires one."""
    prefix: str = "/project"
    """First part of the service's paths."""


def plan(settings: Settings, data: Path, scratch: Path) -> Layout:
    """Choose the parts to run, their ports and their files.

    Args:
        settings: ports and credentials; a Redis whose URL is set in the environment is used and not started.
        data: folder of the broker's data.
        scratch: folder of the cache's data, which is deleted after the run.

    Raises:
        StackError: a port is in use, or there is no Redis.
    """
    require_free("The API", settings.api_host, settings.api_port, "SENTIMENT_API_PORT")
    require_free("Flower", settings.flower_host, settings.flower_port, "SENTIMENT_FLOWER_PORT")
    password = settings.flower_password.get_secret_value() if settings.flower_password else secrets.token_urlsafe(12)
    parts = []
    environments = {user: _environment(settings) for user in access.Part}
    for role, variable, folder in (
        (Role.BROKER, "SENTIMENT_BROKER_URL", data / "broker"),
        (Role.CACHE, "SENTIMENT_CACHE_URL", scratch),
    ):
        if variable not in os.environ:
            require_readable(find_server(), folder)
            redis, urls = _redis(role, folder, settings.namespace)
            parts.append(redis)
            for user, url in urls.items():
                environments[user][variable] = url
    parts += _programs(settings, environments, password)
    return Layout(
        tuple(parts),
        _url(settings.api_host, settings.api_port),
        _url(settings.flower_host, settings.flower_port),
        settings.flower_user,
        password,
        next(iter(settings.api_key_list), ""),
        settings.path_prefix,
    )


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _environment(settings: Settings) -> dict[str, str]:
    """Return the variables that all parts have."""
    return {
        "SENTIMENT_LOG_FORMAT": os.environ.get("SENTIMENT_LOG_FORMAT", "text"),
        "SENTIMENT_API_PORT": str(settings.api_port),
        "PYTHONUNBUFFERED": "1",
    }


def _programs(settings: Settings, own: Mapping[access.Part, dict[str, str]], password: str) -> list[Part]:
    """Return the commands of the product's parts and of Flower; secrets are passed in the environment.

    Args:
        settings: ports and addresses.
        own: the environment of each part.
        password: Flower's.
    """
    python = (sys.executable, "-m")
    flower = {"SENTIMENT_FLOWER_PORT": str(settings.flower_port), "SENTIMENT_FLOWER_PASSWORD": password}
    link = {"SENTIMENT_FLOWER_URL": settings.flower_url or _url(settings.flower_host, settings.flower_port)}
    return [
        Part("worker", (*python, "worker", "run"), own[access.Part.WORKER], stop_seconds=_WORKER_STOP_SECONDS),
        Part("api", (*python, "api"), own[access.Part.API] | link),
        Part("flower", (*python, "worker", "flower"), own[access.Part.FLOWER] | flower),
    ]


def lock(data: Path) -> IO[str]:
    """Lock the data folder for this run; the lock lasts until the returned file is closed.

    Raises:
        StackError: another run has locked the folder, or it cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "lock").open("w")
    except OSError as error:
        raise StackError(
            f"{data} cannot be used ({error.strerror}); choose another folder (make run DATA=FOLDER)"
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise StackError(
            f"another run uses {data}: stop it with Ctrl-C in its terminal, or choose another folder "
            "(make run DATA=FOLDER) and other ports (SENTIMENT_API_PORT, SENTIMENT_FLOWER_PORT)"
        ) from None
    return file


def _redis(role: Role, folder: Path, namespace: str) -> tuple[Part, dict[access.Part, str]]:
    """Return a Redis server, and its URL for each part of the product, which has a user with the rights that it needs.

    Only the launcher is the default user, who may do everything.
    """
    folder.mkdir(parents=True, exist_ok=True)
    passwords = {user: _secret() for user in access.Part}
    rights = access.rights(role, Keyspace(namespace))
    users = tuple(access.user_line(user, passwords[user], [allowed]) for user, allowed in rights.items())
    config = RedisConfig(role, folder.resolve(), free_port(), _secret(), users)
    url = RedisUrl.parse(config.url)
    server = Server(url)

    async def ready() -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS), server.asyncio_client(_PROBE_SECONDS) as client:
                return bool(await client.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    part = Part(role.value, (str(find_server()), "-"), stdin=config.text, ready=ready)
    return part, {user: str(replace(url, user=user, password=passwords[user])) for user in rights}


def _secret() -> str:
    return secrets.token_urlsafe(24)
