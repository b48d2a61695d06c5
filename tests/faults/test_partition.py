"""Row 26: the primary is cut off from its replicas, with clients on its side."""

import threading
import time
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest
from redis.exceptions import ResponseError

from shared.broker.access import Part
from shared.stack.ports import free_port
from tests.faults.flood import Flood, results, wait_for_work
from tests.faults.misses import Misses
from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.network import Network, network
from tests.support.process import Process
from tests.support.rows import row
from tests.support.sentinel import FailoverBroker, Host
from tests.support.service import Api
from tests.support.waiting import wait_for

_CUT_OFF = 0
"""The host of the first primary."""


@pytest.fixture
def net() -> Iterator[Network]:
    """A host for each server of the broker."""
    with network(3) as net:
        yield net


@pytest.fixture
def hosts(net: Network) -> Sequence[Host]:
    """The hosts of the servers; the product's parts are on one that is not cut off."""
    return net.hosts


@pytest.fixture
def beside(watched: Run, net: Network) -> Iterator[Api]:
    """An API process on the host of the first primary; it has no cache."""
    port, host = free_port(), net.hosts[_CUT_OFF]
    own = {
        "SENTIMENT_API_HOST": net.control_address(_CUT_OFF),
        "SENTIMENT_API_PORT": str(port),
        "SENTIMENT_CACHE_URL": "redis://127.0.0.1:1/0",
    }
    log = watched.folder / "beside.log"
    process = Process("api", [], watched.service.environment_of(Part.API) | own, log, inside=host.inside)
    api = Api(process, port, net.control_address(_CUT_OFF))
    wait_for(lambda: api.alive() or not process.alive, "the API to live")
    assert process.alive, process.output
    yield api
    api.client.close()
    process.kill()


@row(
    26,
    "the primary is cut off for 20 s, with an API process on its side that gets jobs all the time",
    "no job is accepted on its side, misses answered again ≤ 10 s on the other; later the same keys make each job once",
    core=False,
)
def test_primary_cut_off(watched: Run, broker: FailoverBroker, net: Network, beside: Api) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    worker, api = service.start_worker(), service.start_api(chunk_seconds="0.05")
    accepted = submit(beside, ["before"])
    assert accepted.status_code == 202, accepted.text
    primary, submitted = broker.servers[_CUT_OFF], dict[str, str]()
    with Flood(api, texts=50, pause=0.1) as flood, Misses(api) as misses:
        wait_for_work(service, 20)
        net.cut(_CUT_OFF)
        cut = time.monotonic()
        until, codes = cut + run.size(20, 10), list[str]()
        pace = threading.Event()
        while time.monotonic() < until:
            pace.wait(0.1)
            key = uuid4().hex
            submitted[key] = f"on the wrong side {len(submitted)}"
            answer = submit(beside, [submitted[key]], **{"Idempotency-Key": key})
            assert answer.status_code == 503, answer.text
            codes.append(answer.json()["type"].rpartition(":")[2])
        run.within("misses again on the other side after", misses.again(cut), 10)
        run.note(
            f"{len(codes)} jobs refused beside it: {', '.join(f'{codes.count(c)} {c}' for c in sorted(set(codes)))}"
        )
        net.heal(_CUT_OFF)
        broker.settle()
        assert broker.primary is not primary
        flood.stop()
        flood.verify(api, 120)
    _same_keys_make_each_job_once(run, api, submitted)
    with primary.client() as old, pytest.raises(ResponseError):
        old.set("a", "b")
    assert worker.alive
    assert not misses.wrong
    run.note(f"{len(flood.accepted)} jobs of the other side ended, each text once")


def _same_keys_make_each_job_once(run: Run, api: Api, submitted: dict[str, str]) -> None:
    for key, text in submitted.items():
        answers = [submit(api, [text], **{"Idempotency-Key": key}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        job = answers[0].json()
        assert answers[1].json()["urls"] == job["urls"]
        assert finished(api, job)["status"] == "succeeded"
        assert results(api, job) == [expected(text)]
    with run.service.broker.client() as redis:
        assert len(list(redis.scan_iter(run.service.keys.idempotency("*"), count=1000))) == len(submitted)
