"""The parts of an API process that requests use, made once for each process, and their background loops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

from api.direct.answerer import DirectAnswerer, Parts
from api.dispatch.admission import Admission
from api.dispatch.broker_steps import BrokerSteps
from api.dispatch.cache import AnswerCache, LocalCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.dispatch.outbox import Outbox
from api.dispatch.predictor import Predictor
from api.dispatch.refusals import Refusals
from api.dispatch.replies import Replies
from api.errors.shapes import ErrorShape
from api.jobs.ledger import Ledger
from api.jobs.replicas import Replicas
from api.jobs.service import Jobs
from api.jobs.watch import JobWatch
from api.metrics.lag import watch_lag
from api.metrics.tallies import Tallies
from api.protocols.kind import Kind
from api.redis.follow import Then, follow
from api.redis.link import Address, Link
from api.redis.watch import RedisWatch
from api.report import Report
from api.security.rate_limit import RateLimiter
from api.stats.assembly import assemble
from api.stats.counts import Increases
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.process.settings import Settings
from shared.process.tracing import start_tracing

logger = logging.getLogger(__name__)


class Services:
    """The connected parts of one API process. It must be created inside the running event loop."""

    def __init__(self, settings: Settings, kinds: Sequence[Kind], shapes: Sequence[ErrorShape] = ()) -> None:
        keys = Keyspace(settings.namespace)
        channel = keys.replies(uuid4().hex)
        self.tallies = Tallies()
        self.tracing = start_tracing(settings, "sentiment-api")
        self.draining = False
        """Whether the process has received a signal to stop."""
        self._broker = settings.broker.asyncio_client(settings.broker_timeout)
        broker = Address(settings.broker)
        self._broker_link = Link(broker, settings.broker_timeout)
        self._cache_link = Link(Address(settings.cache), settings.cache_timeout)
        self._cache_redis = settings.cache.asyncio_client(settings.cache_timeout)
        local = LocalCache(settings.local_cache_entries)
        self.cache = AnswerCache(self._cache_link, keys, local, self.tallies)
        self.limiter = self._rate_limiter(settings, keys)
        self.watch = FleetWatch(self._broker, keys, settings.broker_timeout)
        admission = Admission(self.watch, settings.deadline, self.tallies)
        self._flights = self._make_flights(settings, keys, channel, admission)
        self.predictor = Predictor(
            cache=self.cache,
            watch=self.watch,
            flights=self._flights,
            deadline=settings.deadline,
            tallies=self.tallies,
        )
        refusals = Refusals(admission, self.cache, self.watch, self._flights, self.tallies)
        parts = Parts(self.predictor, admission, refusals, self.watch, self.tallies)
        self.direct = DirectAnswerer(settings, kinds, shapes, parts)
        self.redis = RedisWatch({Role.BROKER: self._broker, Role.CACHE: self._cache_redis}, settings.broker_timeout)
        self.report = Report(
            self.tallies, self._flights, self.watch, self.cache, self.redis, self._broker, keys, settings
        )
        increases = Increases(self.tallies, [kind.path for kind in kinds])
        self.stats, self._publisher = assemble(
            increases, self.report.work, self.watch, self.redis, self.cache, self._cache_redis, keys, settings
        )
        self._job_watch = JobWatch()
        self.jobs = Jobs(self._ledger(settings, keys), self._job_watch, self.watch, self.tallies.setbacks, settings)
        self._replies = self._make_replies(broker, keys, channel)
        self._followers = self._make_followers(settings)

    def _make_followers(self, settings: Settings) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        """Return functions that start to follow the primary of each Redis; they count its failovers."""
        count = self.tallies.failovers.update
        broker: Then = (self._broker_link.close, self._replies.leave, partial(count, [Role.BROKER]))
        cache: Then = (self._cache_link.close, partial(count, [Role.CACHE]))
        return {
            "broker's primary": partial(follow, settings.broker, [self._broker], broker),
            "cache's primary": partial(follow, settings.cache, [self._cache_redis], cache),
        }

    def _make_flights(self, settings: Settings, keys: Keyspace, channel: str, admission: Admission) -> Flights:
        return Flights(
            BrokerSteps(self._broker_link, keys, channel=channel, watch=self.watch),
            Outbox(self.watch, settings.chunk_tokens),
            admission=admission,
            cache=self.cache,
            tallies=self.tallies,
        )

    def _make_replies(self, broker: Address, keys: Keyspace, channel: str) -> Replies:
        return Replies(
            broker,
            channel=channel,
            events=keys.events,
            job_events=keys.job_events,
            on_result=self._flights.receive,
            on_event=self.watch.wake,
            on_job=self._job_watch.notify,
            on_subscribed=self._catch_up,
        )

    def _ledger(self, settings: Settings, keys: Keyspace) -> Ledger:
        return Ledger(
            self._broker,
            keys,
            limit=settings.broker_timeout,
            most=settings.max_waiting_job_bytes,
            keep=settings.job_ttl,
            replicas=Replicas(settings.required_replicas, settings.job_replicas_timeout),
        )

    def _rate_limiter(self, settings: Settings, keys: Keyspace) -> RateLimiter | None:
        """Return the limiter of quotas, or None if the settings have no quota; its buckets are in the cache."""
        if not settings.rate_limit:
            return None
        return RateLimiter(
            self._cache_redis,
            keys,
            rate=settings.rate_limit,
            burst=settings.rate_burst,
            limit=settings.cache_timeout,
        )

    def close(self) -> None:
        """End all waits for jobs, because the process stops."""
        self._job_watch.close()

    def _catch_up(self) -> None:
        """Claim all open flights and read all awaited jobs again, because events may have been missed."""
        self._flights.claim_again()
        self._job_watch.wake_all()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the background loops until the context ends."""
        await asyncio.gather(self.watch.refresh(), self.cache.probe())
        loops = [
            asyncio.create_task(_forever(name, loop))
            for name, loop in {
                "fleet": self.watch.watch(),
                "cache": self.cache.watch(),
                "replies": self._replies.run(),
                "claims": self._flights.claim(),
                "messages": self._flights.send(),
                "lag": watch_lag(self.tallies.lag),
                "redis": self.redis.check(),
                "stats": self._publisher.run(),
                **{name: start() for name, start in self._followers.items()},
            }.items()
        ]
        try:
            yield
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            for link in (self._broker_link, self._cache_link):
                link.close()
            for client in (self._broker, self._cache_redis):
                await client.aclose(close_connection_pool=True)
            if self.tracing:
                self.tracing.close()


async def _forever(name: str, loop: Coroutine[Any, Any, None]) -> None:
    """Run a loop; if it fails, log this and end the process, because without the loop misses are not answered."""
    try:
        await loop
    except Exception:
        logger.critical("the %s loop died; stopping this process", name, exc_info=True)
        raise SystemExit(1) from None
