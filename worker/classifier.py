"""One message of texts: ask which are still wanted, compute those, hand each result out, store it."""

import logging
import time
from collections.abc import Sequence
from itertools import chain

from redis import Redis
from redis.exceptions import RedisError

from shared.contract import LANES, Item
from shared.keys import Keyspace, text_key
from shared.logs import request_id
from shared.results import FAILURE, Result
from shared.scripts import Script
from worker.model_process import ModelProcess

logger = logging.getLogger(__name__)

_RUN_LEASE_MS = 1_000
"""For how long a text that begins now is left to this worker, if its claim does not say longer."""
_KEEP_RESULT_MS = 10_000
"""For how long a claim keeps its answer, for a subscriber that lost its connection or a lookup just too early."""
_RUN = 1
_LATE = 0


class Classifier:
    """Runs messages on one model process.

    Args:
        model: computes predictions.
        broker: client of the broker.
        cache: client of the cache; allowed to be away.
        keys: where claims and answers live.
        cache_ttl: life of a stored answer, in seconds.
    """

    def __init__(self, model: ModelProcess, broker: Redis, cache: Redis, keys: Keyspace, cache_ttl: int) -> None:
        self._model = model
        self._cache = cache
        self._keys = keys
        self._cache_ttl = cache_ttl
        self._start = broker.register_script(Script.START.source)
        self._finish = broker.register_script(Script.FINISH.source)
        self._backlogs = list(chain.from_iterable((keys.backlog(lane), keys.backlog_tokens(lane)) for lane in LANES))

    def run(self, items: Sequence[Item]) -> str:
        """Process the texts of one message, each on its own.

        Returns:
            A summary without any text.

        Raises:
            RedisError: the broker is away; the message is handed out again.
        """
        token = request_id.set(",".join(dict.fromkeys(item.request_id for item in items)))
        try:
            return self._run(items)
        finally:
            request_id.reset(token)

    def _run(self, items: Sequence[Item]) -> str:
        started = time.perf_counter()
        claims = [self._keys.claim(item.key) for item in items]
        states = self._start(keys=claims, args=[_RUN_LEASE_MS, *(item.deadline for item in items)])
        wanted = []
        for item, state in zip(items, states, strict=True):
            if isinstance(state, bytes):
                self._publish(item, Result.decode(state))
            elif state == _RUN:
                wanted.append(item)
        computed = self._compute(wanted)
        late = sum(1 for state in states if state == _LATE)
        logger.info(
            "classified",
            extra={
                "texts": len(items),
                "computed": computed,
                "late": late,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        return f"{computed} of {len(items)} computed"

    def _compute(self, items: Sequence[Item]) -> int:
        """Answer each text from the cache or by a forward pass; return the number of passes."""
        own = [text_key(self._model.version, item.text) for item in items]
        stored = self._look_up(own)
        fresh: dict[str, bytes] = {}
        passes = 0
        for item, key, body in zip(items, own, stored, strict=True):
            if body is not None:
                self._publish(item, Result(self._model.version, 0, body))
                continue
            passes += 1
            result = self._infer(item)
            self._publish(item, result)
            if not result.failed:
                fresh[key] = result.body
        self._store(fresh)
        return passes

    def _infer(self, item: Item) -> Result:
        """Compute one text; what the engine raises is that text's failure and nobody else's."""
        began = time.perf_counter()
        try:
            body = self._model.predict(item.text, item.tokens)
        except Exception as error:
            # The message of an engine's error may quote the text, so only its type is logged.
            logger.error("inference failed", extra={"reason": type(error).__name__})
            body = FAILURE
        return Result(self._model.version, round((time.perf_counter() - began) * 1e6), body)

    def _publish(self, item: Item, result: Result) -> None:
        keep = 0 if result.failed else _KEEP_RESULT_MS
        self._finish(
            keys=[self._keys.claim(item.key), *self._backlogs], args=[item.key, result.encode(), keep, item.tokens]
        )

    def _look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        try:
            values = self._cache.mget([self._keys.answer(key) for key in keys])
        except (RedisError, OSError):
            return [None] * len(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    def _store(self, answers: dict[str, bytes]) -> None:
        if not answers:
            return
        try:
            with self._cache.pipeline(transaction=False) as pipe:
                for key, body in answers.items():
                    pipe.set(self._keys.answer(key), body, ex=self._cache_ttl)
                pipe.execute()
        except (RedisError, OSError) as error:
            logger.warning("answers not stored", extra={"reason": type(error).__name__, "texts": len(answers)})
