"""The refusal of a Redis Cluster, whose keys are on several servers: a script's keys must all be on one."""

from collections.abc import Mapping
from typing import Final

from redis.exceptions import RedisError

from shared.broker.connect import Server
from shared.broker.role import Role
from shared.contract.errors import SentimentError

_SECONDS: Final = 0.5
REASON: Final = "it is a Redis Cluster, and the product needs all keys on one server: disable cluster mode"


def require_no_cluster(servers: Mapping[Role, Server]) -> None:
    """Check that no server is part of a cluster; one that does not answer, or does not permit INFO, is not checked.

    Args:
        servers: the servers by their role; for each of them, it waits half a second at most.

    Raises:
        SentimentError: a server is part of a cluster.
    """
    for role, server in servers.items():
        if _is_cluster(server):
            raise SentimentError(f"SENTIMENT_{role.upper()}_URL: {REASON}")


def _is_cluster(server: Server) -> bool:
    try:
        with server.blocking_client(_SECONDS) as client:
            return bool(client.info("cluster").get("cluster_enabled"))
    except (RedisError, OSError):
        return False
