"""Flower, while the Sentinels choose another primary."""

from functools import partial
from pathlib import Path

from tests.support.flower import Flower
from tests.support.jobs import finished, submit
from tests.support.sentinel import SENTINEL_PASSWORD, FailoverBroker
from tests.support.service import Service
from tests.support.waiting import wait_for


def test_flower_shows_workers_queues_and_tasks_before_and_after_a_failover(
    broker: FailoverBroker, service: Service, tmp_path: Path
) -> None:
    service.start_worker()
    api = service.start_api()
    with Flower(service, tmp_path) as flower:

        def online() -> list[str]:
            return [name for name, row in flower.workers().items() if row["status"]]

        def tasks() -> int:
            return sum(row.get("task-succeeded", 0) for row in flower.workers().values())

        def more_tasks(before: int) -> bool:
            """Run another job: workers send no events before Flower asks for them, which it does every five seconds."""
            assert finished(api, submit(api, ["one text"]).json())["status"] == "succeeded"
            return tasks() > before

        wait_for(lambda: len(online()) == 1, "the worker to be seen", every=0.5)
        wait_for(partial(more_tasks, tasks()), "Flower to count tasks", every=0.5)
        assert ">bulk<" in "".join(flower.client.get("/broker").text.split())
        old = broker.primary
        old.kill()
        broker.moved(old)
        old.start()
        broker.settle()
        service.start_worker()
        wait_for(lambda: len(online()) == 2, "the second worker to be seen", 60, 0.5)
        wait_for(partial(more_tasks, tasks()), "Flower to count tasks again", every=0.5)
        assert ">bulk<" in "".join(flower.client.get("/broker").text.split())
        assert not {"hush", SENTINEL_PASSWORD} & set(flower.process.output.split())
