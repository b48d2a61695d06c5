"""The first step of a worker's stop: messages that have not begun go back to the queue.

As shipped, Celery gives back what it holds, and what Redis hands it meanwhile, only when the pool has ended, seconds
later. A synchronous request waits for less than two seconds.
"""

import logging
from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.consumer.tasks import Tasks
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class GiveBack(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer: it stops before what it requires, and so before the pool."""

    requires = (Tasks,)

    def start(self, c: Any) -> None:
        """Do nothing; a step that has not started is not stopped."""

    def stop(self, c: Any) -> None:
        """Take no more messages, and give back those that no process has."""
        if state.should_stop is None or c.task_consumer is None:
            return  # the connection is lost, or the worker is told to end at once
        try:
            c.task_consumer.cancel()
            c.task_consumer.channel.give_back(running(c.pool))
        except (RedisError, OSError) as error:
            logger.warning("messages could not be given back", extra={"reason": type(error).__name__})


def running(pool: Any) -> set[str]:
    """Return the ids of the messages that a process of the pool has begun, or is about to."""
    return {job.correlation_id for job in list(pool._pool._cache.values())}  # noqa: SLF001 - there is no other way
