"""A Celery task that does nothing, with Celery's default settings: ``celery -A load.baselines.noop_task worker``."""

import os

from celery import Celery

app = Celery("noop", broker=os.environ.get("NOOP_BROKER_URL"))


@app.task(name="noop", ignore_result=True)  # type: ignore[untyped-decorator]
def noop() -> None:
    """Do nothing."""
