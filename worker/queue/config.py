"""Celery on Redis, set for work that must survive: each value that differs from the default says why."""

from typing import Any

from kombu import Exchange, Queue

from shared.broker.keys import Keyspace
from shared.contract.names import JOB_TASK_NAME, LANES, TASK_NAME, Lane
from shared.process.settings import Settings


def celery_config(settings: Settings) -> dict[str, Any]:
    """Build Celery's configuration."""
    return {
        **settings.broker.celery_options(),
        "broker_transport": "worker.queue.transport:Transport",
        "broker_transport_options": _transport_options(settings),
        # Interactive first, see queue_order_strategy.
        "task_queues": [Queue(lane.value, Exchange(lane.value), routing_key=lane.value) for lane in LANES],
        "task_default_queue": LANES[0].value,
        "task_create_missing_queues": False,
        # The broker may be away for as long as it likes; the default gives up at 100 tries.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # Redelivery when a process dies; an exception is final, because the task has already answered for it.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,
        "task_time_limit": settings.task_time_limit,
        # Results travel by the claims' own channel.
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # What a worker hoards is hidden from the autoscaler and from idle workers.
        "worker_prefetch_multiplier": 1,
        "worker_pool": "worker.queue.pool:TaskPool",
        # A new process loads the model first; the default kills it after 4 s, in a loop.
        "worker_proc_alive_timeout": 60,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "imports": ["worker.queue.tasks", "worker.queue.lifecycle"],
        "task_routes": {TASK_NAME: {"queue": Lane.INTERACTIVE}, JOB_TASK_NAME: {"queue": Lane.BULK}},
    }


def _transport_options(settings: Settings) -> dict[str, Any]:
    return {
        "global_keyprefix": Keyspace(settings.namespace).prefix,
        # One list for each queue: priorities would hide three more from whoever counts the backlog.
        "priority_steps": [0],
        # BRPOP names the queues in this order, so a waiting interactive message always goes first.
        "queue_order_strategy": "priority",
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "health_check_interval": 5,
    }
