"""The tasks of the worker. There are only two, because everyone with write access to the broker can run them."""

from typing import Any

from celery import Task

from shared.contract.names import JOB_TASK_NAME, TASK_NAME, Item
from worker.process import current_process
from worker.queue.app import app


class PrivateTask(Task):  # type: ignore[misc]
    """A task whose arguments contain users' texts."""

    Request = "worker.queue.request:PrivateRequest"


# The three events of a message, published by the worker and read by Flower, would cost more than the message itself.
@app.task(name=TASK_NAME, base=PrivateTask, bind=True, send_events=False)  # type: ignore[untyped-decorator]
def classify(self: Task, items: list[list[Any]]) -> str:
    """Classify the texts of a message, and those of more messages; see `shared.contract.names.Item` for their fields.

    Returns:
        The number of messages, for Celery's log; the answers are published through the claims.
    """
    redelivered = bool((self.request.delivery_info or {}).get("redelivered"))
    turns, message = current_process().turns, self.request.id
    return turns.run([Item(*item) for item in items], message=message, redelivered=redelivered)


@app.task(name=JOB_TASK_NAME, bind=True)  # type: ignore[untyped-decorator]
def run_chunk(self: Task, job_id: str, number: str) -> str:
    """Run a chunk of a job; its texts and its results are in the ledger."""
    return current_process().chunk_runner.run(job_id, int(number), self.request.id)
