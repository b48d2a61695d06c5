"""The check of both Redis for unsafe settings at a worker's start."""

import logging
from typing import Final

from redis.exceptions import NoPermissionError, RedisError

from shared.broker.info import RedisInfo, warn
from shared.broker.role import Role
from shared.process.settings import Settings

logger = logging.getLogger(__name__)

_SECONDS: Final = 0.5


def check_redis(settings: Settings) -> None:
    """Log the unsafe settings of both Redis; this never fails, and waits half a second for each at most."""
    for role, server in ((Role.BROKER, settings.broker), (Role.CACHE, settings.cache)):
        try:
            with server.blocking_client(_SECONDS) as client:
                warn(role, RedisInfo.parse(client.info()))
        except NoPermissionError:
            warn(role, None)
        except (RedisError, OSError):
            logger.info("%s does not answer: its settings are unknown", role)
