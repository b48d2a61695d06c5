"""Messages written to Celery's queue by hand, compared with Celery's own, and their form in its tools."""

import base64
import json
import time
from typing import Any

from celery import Celery

from shared.contract.messages import encode_message
from shared.contract.names import TASK_NAME, Item, Lane
from shared.process.settings import Settings
from tests.support.service import Service
from tests.support.waiting import wait_for
from worker.queue.config import celery_config

ITEM = Item("v:k", "a secret text", 9, 0, "r")
FIELDS = list(ITEM)[:-1]  # without a trace, none is sent


def celery_client(service: Service) -> Celery:
    client = Celery("test", set_as_current=False)
    client.conf.update(celery_config(Settings(broker_url=service.broker.url)))
    client.conf.imports = ()
    return client


def shape(value: Any) -> Any:
    """Reduce a document to its keys and types."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return type(value).__name__


def test_a_message_is_what_send_task_writes(service: Service) -> None:
    client = celery_client(service)
    client.send_task(TASK_NAME, args=([FIELDS],), queue=Lane.INTERACTIVE.value, argsrepr="x", ignore_result=True)
    with service.broker.client() as broker:
        theirs = json.loads(broker.rpop(service.keys.queue(Lane.INTERACTIVE)) or b"")
    ours = json.loads(encode_message([ITEM], Lane.INTERACTIVE))
    theirs["properties"]["delivery_info"]["exchange"] = ""
    del theirs["properties"]["argsrepr"]  # send_task puts every option that it is given there too
    assert theirs["properties"]["delivery_info"] == ours["properties"]["delivery_info"]
    assert shape(ours["properties"]) == shape(theirs["properties"])
    assert ours["headers"].keys() == theirs["headers"].keys()
    constant = ours["headers"].keys() - {"id", "root_id", "argsrepr", "kwargsrepr", "origin"}
    assert {name: ours["headers"][name] for name in constant} == {name: theirs["headers"][name] for name in constant}
    assert {k: v for k, v in ours.items() if isinstance(v, str) and k != "body"} == {
        k: v for k, v in theirs.items() if isinstance(v, str) and k != "body"
    }
    assert json.loads(base64.b64decode(ours["body"])) == json.loads(base64.b64decode(theirs["body"]))


def test_both_queues_are_served_and_tools_show_tasks_by_name_without_texts(service: Service) -> None:
    service.start_worker()
    inspect = celery_client(service).control.inspect(timeout=2)
    (queues,) = wait_for(inspect.active_queues, "the worker to hear questions").values()
    assert {queue["name"] for queue in queues} == {"interactive", "bulk"}
    (tasks,) = wait_for(inspect.registered, "the tasks").values()
    assert TASK_NAME in tasks
    service.hold()
    deadline = int(time.time() * 1000) + 60_000
    with service.broker.client() as broker:
        message = encode_message([ITEM._replace(deadline=deadline)], Lane.BULK)
        broker.lpush(service.keys.queue(Lane.BULK), message)
    wait_for(lambda: service.count(ITEM.text), "the bulk message to be run")
    (running,) = wait_for(inspect.active, "the running task").values()
    assert [task["name"] for task in running] == [TASK_NAME]
    assert running[0]["args"] == "(1 texts, about 9 tokens)"
    assert "secret" not in json.dumps(running)
