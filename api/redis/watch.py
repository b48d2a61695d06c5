"""How both Redis are, by their own account: read for a scrape, and looked at once after the start."""

import asyncio
from collections.abc import Mapping
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from api.metrics.fresh import Fresh
from shared.broker.info import RedisInfo, find_flaws, warn
from shared.broker.role import Role

_PAUSE_SECONDS: Final = 1.0


class RedisWatch:
    """Asks both for INFO, never on the way of a request.

    Args:
        clients: by the part that they play, broker and cache.
        limit: longest wait for either, in seconds.
    """

    def __init__(self, clients: Mapping[Role, Redis], limit: float) -> None:
        self._clients = clients
        self._limit = limit
        self._known: dict[Role, RedisInfo] = {}
        self._fresh = Fresh(self._read)

    @property
    def warnings(self) -> list[str]:
        """What is unsafe about them, as last seen."""
        known = ((role, self._known[role]) for role in self._clients if role in self._known)
        return [f"{role}: {flaw}" for role, info in known for flaw in find_flaws(role, info)]

    async def read(self) -> dict[Role, RedisInfo]:
        """Return what those say that answer; at most once a second they are really asked."""
        return await self._fresh.get()

    async def check(self) -> None:
        """Look at each once it answers, and say in the log what is unsafe."""
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
