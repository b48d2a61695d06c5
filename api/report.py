"""All metrics of an API process for one scrape of Prometheus."""

import asyncio

from prometheus_client.metrics_core import Metric as Family
from redis.asyncio import Redis

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.metrics.families import fleet_families, own_families, redis_families, work_families
from api.metrics.tallies import Tallies
from api.metrics.work import WorkReader
from api.redis.watch import RedisWatch
from shared.broker.keys import Keyspace
from shared.process.settings import Settings


class Report:
    """Collects all metrics for a scrape.

    Args:
        tallies: the counts of this process.
        flights: the misses under way in this process.
        watch: the last known fleet.
        cache: the cache, which knows whether Redis answers.
        redis: the state of both Redis.
        broker: client of the broker.
        keys: the service's key names.
        settings: the deadline, and the longest wait for the broker.
    """

    def __init__(
        self,
        tallies: Tallies,
        flights: Flights,
        watch: FleetWatch,
        cache: AnswerCache,
        redis: RedisWatch,
        broker: Redis,
        keys: Keyspace,
        settings: Settings,
    ) -> None:
        self._tallies = tallies
        self._flights = flights
        self._watch = watch
        self._cache = cache
        self._redis = redis
        self.work = WorkReader(broker, keys, settings.deadline, settings.broker_timeout)

    async def families(self) -> list[Family]:
        """Return all metrics; those that are read from a Redis are left out while it does not answer."""
        work, infos = await asyncio.gather(self.work.read(), self._redis.read())
        up = {"broker": self._watch.broker_up, "cache": self._cache.up}
        return [
            *own_families(self._tallies, len(self._flights)),
            *fleet_families(self._watch.fleet, up),
            *(work_families(work) if work else []),
            *redis_families(infos),
        ]
