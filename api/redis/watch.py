"""How both Redis are, by their own account: read for a scrape, and looked at once after the start."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from api.fresh import Fresh
from shared.broker.info import FLAWS, RedisInfo

logger = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 1.0


class RedisWatch:
    """Asks both for INFO, never on the way of a request.

    Args:
        clients: by the part that they play, broker and cache.
        limit: longest wait for either, in seconds.
    """

    def __init__(self, clients: Mapping[str, Redis], limit: float) -> None:
        self._clients = clients
        self._limit = limit
        self._known: dict[str, RedisInfo] = {}
        self._fresh = Fresh(self._read)

    @property
    def warnings(self) -> list[str]:
        """What is unsafe about them, as last seen."""
        known = ((part, self._known[part]) for part in self._clients if part in self._known)
        return [f"{part}: {flaw}" for part, info in known for flaw in FLAWS[part](info)]

    async def read(self) -> dict[str, RedisInfo]:
        """Return what those say that answer; at most once a second they are really asked."""
        return await self._fresh.get()

    async def check(self) -> None:
        """Look at each once it answers, and say in the log what is unsafe."""
        await asyncio.gather(*map(self._check, self._clients))

    async def _check(self, part: str) -> None:
        while True:
            try:
                info = await self._ask(part)
            except NoPermissionError:
                logger.warning("%s may not be asked how it is set up: the command INFO is not permitted", part)
                return
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                for flaw in FLAWS[part](info):
                    logger.warning("%s is not safe: %s", part, flaw)
                return

    async def _read(self) -> dict[str, RedisInfo]:
        answers = await asyncio.gather(*map(self._try, self._clients))
        return {part: info for part, info in zip(self._clients, answers, strict=True) if info}

    async def _try(self, part: str) -> RedisInfo | None:
        try:
            return await self._ask(part)
        except (RedisError, OSError, TimeoutError):
            return None

    async def _ask(self, part: str) -> RedisInfo:
        async with asyncio.timeout(self._limit):
            info = RedisInfo.parse(await self._clients[part].info())
        self._known[part] = info
        return info
