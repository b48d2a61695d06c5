"""The configuration of Celery on Redis, with the reason for each value that differs from the default."""

from typing import Any

from kombu import Exchange, Queue

from shared.broker.keys import Keyspace
from shared.contract.names import JOB_TASK_NAME, LANES, TASK_NAME, Lane
from shared.process.settings import Settings


def celery_config(settings: Settings) -> dict[str, Any]:
    """Return Celery's configuration."""
    return {
        **settings.broker.celery_options(),
        "broker_transport": f"worker.queue.transport:{_transport(settings)}",
        "broker_transport_options": _transport_options(settings),
        # The interactive queue is first, see queue_order_strategy.
        "task_queues": [Queue(lane.value, Exchange(lane.value), routing_key=lane.value) for lane in LANES],
        "task_default_queue": LANES[0].value,
        "task_create_missing_queues": False,
        # Workers try to reconnect to the broker without end; the default is 100 attempts.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # A message is delivered again when its process dies, but not after an exception of the task.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,
        "task_time_limit": settings.task_time_limit,
        # Results are published through the claims, without a result backend.
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # Messages that a worker takes ahead are not visible to idle workers and to the autoscaler.
        "worker_prefetch_multiplier": 1,
        "worker_pool": "worker.queue.pool:TaskPool",
        # A new process first loads the model; with the default it would be killed after 4 s, again and again.
        "worker_proc_alive_timeout": 60,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "imports": ["worker.queue.tasks", "worker.queue.lifecycle"],
        "task_routes": {TASK_NAME: {"queue": Lane.INTERACTIVE}, JOB_TASK_NAME: {"queue": Lane.BULK}},
    }


def _transport(settings: Settings) -> str:
    return "SentinelTransport" if settings.broker.url.sentinels else "Transport"


def _transport_options(settings: Settings) -> dict[str, Any]:
    broker = settings.broker
    return {
        "global_keyprefix": Keyspace(settings.namespace).prefix,
        # One list for each queue; with priorities there would be four, and a count of the backlog would need all.
        "priority_steps": [0],
        # BRPOP reads the queues in this order, so a waiting interactive message always goes first.
        "queue_order_strategy": "priority",
        "socket_timeout": broker.patience,
        "socket_connect_timeout": min(2.0, broker.connect_limit),
        # A connection that has become silent is given up after this time and a second for BRPOP.
        "health_check_interval": 1 if broker.url.sentinels else 5,
        **({"server": broker} if broker.url.sentinels else {}),
    }
