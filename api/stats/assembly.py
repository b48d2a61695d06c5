"""Creating and connecting the parts of `/stats`."""

from redis.asyncio import Redis

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.metrics.work import WorkReader
from api.redis.watch import RedisWatch
from api.stats.clock import RedisClock
from api.stats.counts import Counter
from api.stats.document import StatsDocument
from api.stats.history import History
from api.stats.publisher import Publisher
from api.stats.ring import Ring
from shared.broker.keys import Keyspace
from shared.process.settings import Settings


def assemble(
    counter: Counter,
    work: WorkReader,
    watch: FleetWatch,
    redis: RedisWatch,
    answers: AnswerCache,
    cache: Redis,
    keys: Keyspace,
    settings: Settings,
) -> tuple[StatsDocument, Publisher]:
    """Return the document of `/stats`, and the publisher of this process's counts."""
    clock = RedisClock()
    ring = Ring(cache, keys, clock, settings.broker_timeout)
    document = StatsDocument(History(ring, clock), clock, work, watch, redis, answers, settings)
    return document, Publisher(counter, work, watch, ring, clock)
