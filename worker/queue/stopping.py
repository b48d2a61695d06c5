"""The first step of a worker's stop: messages that have not begun are put back into their queue.

Celery does this only when the pool has ended, some seconds later, but a synchronous request waits for less than two
seconds.
"""

import logging
from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.consumer.tasks import Tasks
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class GiveBack(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer; because it requires `Tasks`, it stops before that step and before the pool."""

    requires = (Tasks,)

    def start(self, c: Any) -> None:
        """Do nothing; the method must exist, because Celery stops only started steps."""

    def stop(self, c: Any) -> None:
        """Stop taking messages, and put back those that no process has begun."""
        if state.should_stop is None or c.task_consumer is None:
            return  # the connection is lost, or the worker must end at once
        try:
            c.task_consumer.cancel()
            c.task_consumer.channel.give_back(running(c.pool))
        except (RedisError, OSError) as error:
            logger.warning("messages could not be given back", extra={"reason": type(error).__name__})


def running(pool: Any) -> set[str]:
    """Return the ids of the messages that were passed to a process of the pool."""
    return {job.correlation_id for job in list(pool._pool._cache.values())}  # noqa: SLF001 - no public name has them
