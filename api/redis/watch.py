"""The INFO of both Redis, for metrics and statistics, and the check for unsafe settings after the start."""

import asyncio
from collections.abc import Mapping
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from api.fresh import Fresh
from shared.broker.info import RedisInfo, find_flaws, warn
from shared.broker.role import Role

_PAUSE_SECONDS: Final = 1.0


class RedisWatch:
    """Reads the INFO of both Redis.

    Args:
        clients: a client of each Redis, by its role.
        limit: longest wait for each of them, in seconds.
    """

    def __init__(self, clients: Mapping[Role, Redis], limit: float) -> None:
        self._clients = clients
        self._limit = limit
        self._known: dict[Role, RedisInfo] = {}
        self._fresh = Fresh(self._read)

    @property
    def warnings(self) -> list[str]:
        """One sentence for each unsafe setting that the last INFO has shown."""
        known = ((role, self._known[role]) for role in self._clients if role in self._known)
        return [f"{role}: {flaw}" for role, info in known for flaw in find_flaws(role, info)]

    async def read(self) -> dict[Role, RedisInfo]:
        """Return the INFO of the servers that answer; it is read at most once a second."""
        return await self._fresh.get()

    async def check(self) -> None:
        """Log the unsafe settings of each server, as soon as it answers."""
        await asyncio.gather(*map(self._check, self._clients))

    async def _check(self, role: Role) -> None:
        while True:
            try:
                info = await self._ask(role)
            except NoPermissionError:
                warn(role, None)
                return
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                warn(role, info)
                return

    async def _read(self) -> dict[Role, RedisInfo]:
        answers = await asyncio.gather(*map(self._try, self._clients))
        return {role: info for role, info in zip(self._clients, answers, strict=True) if info}

    async def _try(self, role: Role) -> RedisInfo | None:
        try:
            return await self._ask(role)
        except (RedisError, OSError, TimeoutError):
            return None

    async def _ask(self, role: Role) -> RedisInfo:
        async with asyncio.timeout(self._limit):
            info = RedisInfo.parse(await self._clients[role].info())
        self._known[role] = info
        return info
