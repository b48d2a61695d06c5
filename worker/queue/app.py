"""The Celery application of the worker, ``celery inspect`` and Flower; its import opens no connection."""

from celery import Celery

from shared.process.settings import get_settings
from worker.queue.config import celery_config
from worker.queue.stopping import GiveBack

app = Celery("sentiment", amqp="worker.queue.connection:Broker")
app.conf.update(celery_config(get_settings()))
app.steps["consumer"].add(GiveBack)
