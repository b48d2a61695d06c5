"""Looking once, at a worker's start, at how both Redis are set up."""

import logging
from typing import Final

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError

from shared.broker.connect import tls_options
from shared.broker.info import BROKER, CACHE, FLAWS, RedisInfo
from shared.process.settings import Settings

logger = logging.getLogger(__name__)

_SECONDS: Final = 0.5


def check_redis(settings: Settings) -> None:
    """Say in the log what is unsafe about either; it never fails, and takes a second at most."""
    for part, secret in ((BROKER, settings.broker_url), (CACHE, settings.cache_url)):
        url = secret.get_secret_value()
        limits = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
        try:
            with Redis.from_url(url, protocol=2, **limits, **tls_options(url, settings)) as client:
                info = RedisInfo.parse(client.info())
        except NoPermissionError:
            logger.warning("%s may not be asked how it is set up: the command INFO is not permitted", part)
        except (RedisError, OSError):
            logger.info("%s does not answer, so nobody has looked at how it is set up", part)
        else:
            for flaw in FLAWS[part](info):
                logger.warning("%s is not safe: %s", part, flaw)
