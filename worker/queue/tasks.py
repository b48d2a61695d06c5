"""The tasks that this worker runs. Few on purpose: whoever can write to the broker can run any of them."""

from typing import Any

from celery import Task

from shared.contract.names import JOB_TASK_NAME, TASK_NAME, Item
from worker.process import current_process
from worker.queue.app import app


class PrivateTask(Task):  # type: ignore[misc]
    """A task whose arguments hold users' texts."""

    Request = "worker.queue.request:PrivateRequest"


# Three events for each message, published and read by everyone who monitors, cost more than the message itself.
@app.task(name=TASK_NAME, base=PrivateTask, send_events=False)  # type: ignore[untyped-decorator]
def classify(items: list[list[Any]]) -> str:
    """Classify the texts of one message; see `shared.contract.names.Item` for the fields of each.

    Returns:
        How many texts were computed, for Celery's events; the answers travel by themselves.
    """
    return current_process().classifier.run([Item(*item) for item in items])


@app.task(name=JOB_TASK_NAME, bind=True)  # type: ignore[untyped-decorator]
def run_chunk(self: Task, job_id: str, number: str) -> str:
    """Run a chunk of a job; the ledger holds its texts and takes its results."""
    return current_process().chunk_runner.run(job_id, int(number), self.request.id)
