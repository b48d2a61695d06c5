"""The JSON document of `/stats`, made at most once a second for all requests."""

import asyncio
import json
from typing import Any, Final

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.fresh import Fresh
from api.metrics.work import WorkReader
from api.redis.watch import RedisWatch
from api.stats.clock import RedisClock
from api.stats.counts import STEP_MS, SUMS
from api.stats.history import History
from api.stats.points import COLUMNS, quantiles
from shared.broker.fleet import Fleet, RegisteredProcess
from shared.broker.info import RedisInfo
from shared.broker.role import Role
from shared.broker.scripts.work import Work
from shared.contract.card import ModelCard
from shared.contract.names import LANES
from shared.process.settings import Settings

_MOST_WORKERS: Final = 200


class StatsDocument:
    """Makes the document of `/stats`.

    Args:
        history: the slots of the last fifteen minutes.
        clock: Redis's clock.
        work: reads the unfinished work on the broker.
        watch: the last known fleet.
        redis: reads the INFO of both Redis.
        answers: the cache, which knows whether Redis answers.
        settings: the URL of Flower.
    """

    def __init__(
        self,
        history: History,
        clock: RedisClock,
        work: WorkReader,
        watch: FleetWatch,
        redis: RedisWatch,
        answers: AnswerCache,
        settings: Settings,
    ) -> None:
        self._history = history
        self._clock = clock
        self._work = work
        self._watch = watch
        self._redis = redis
        self._answers = answers
        self._flower = settings.flower_url
        self._live = Fresh(self._make)

    async def read(self, after: int) -> bytes:
        """Return the JSON, with the points of slots later than `after`."""
        live = await self._live.get()
        points = json.dumps(self._history.points(after), separators=(",", ":"))
        return b'%b,"points":%b}' % (live[:-1], points.encode())

    async def _make(self) -> bytes:
        work, infos, _ = await asyncio.gather(self._work.read(), self._redis.read(), self._history.refresh())
        up = work is not None and self._watch.broker_up
        servers = {Role.BROKER: up, Role.CACHE: self._answers.up}
        fleet = self._watch.fleet
        workers = sorted(fleet.processes, key=lambda worker: worker.id)
        document = {
            "time": round(self._clock.now()),
            "step": STEP_MS // 1000,
            "processes": self._history.processes(),
            "active": fleet.active,
            "model": _model(fleet, self._watch.card),
            "flower": self._flower,
            "minute": self._minute(),
            "lanes": _lanes(work, fleet) if work and up else None,
            "jobs": work.jobs if work else None,
            "workers": [_worker(worker, fleet.now) for worker in workers[:_MOST_WORKERS]] if up else None,
            "more_workers": max(0, len(workers) - _MOST_WORKERS) if up else 0,
            "redis": {part: _server(answers, infos.get(part)) for part, answers in servers.items()},
            "warnings": self._redis.warnings,
            "columns": COLUMNS,
        }
        return json.dumps(document, separators=(",", ":")).encode()

    def _minute(self) -> dict[str, Any]:
        slots, counts = self._history.minute()
        hit50, hit99, miss50, miss99 = quantiles(counts)
        named = dict(zip(SUMS, counts, strict=False))
        del named["processes"]
        return {
            "seconds": slots * STEP_MS // 1000,
            **named,
            "hit": {"p50": hit50, "p99": hit99},
            "miss": {"p50": miss50, "p99": miss99},
        }


def _model(fleet: Fleet, card: ModelCard | None) -> dict[str, Any]:
    told = card.model_dump(mode="json") if card else None
    return {"version": fleet.active, "labels": told and told["labels"], "card": told}


def _lanes(work: Work, fleet: Fleet) -> dict[str, Any]:
    return {
        lane: {
            "items": work.items[lane],
            "messages": work.messages[lane],
            "tokens": work.tokens[lane],
            "oldest": round(work.oldest[lane], 3),
            "workers": len(fleet.serving(lane)),
            "tokens_per_second": round(fleet.rate(lane)),
        }
        for lane in LANES
    }


def _worker(worker: RegisteredProcess, now: int) -> dict[str, Any]:
    return {
        "id": worker.id,
        "version": worker.version,
        "engine": worker.engine,
        "variant": worker.variant,
        "lanes": worker.lanes.split(","),
        "tokens_per_second": round(worker.rate),
        "busy": dict(worker.busy),
        "silent": round((now - worker.beat) / 1000, 1),
    }


def _server(up: bool, info: RedisInfo | None) -> dict[str, Any]:  # noqa: FBT001
    """Return the state of a Redis, without figures if it does not answer or does not permit INFO."""
    if not (up and info):
        return {"up": up}
    return {
        "up": True,
        "memory": info.memory,
        "limit": info.memory_limit,
        "clients": info.clients,
        "commands_per_second": info.rate,
        "evicted": info.evicted,
        "keys": info.keys,
    }
