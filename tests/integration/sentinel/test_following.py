"""Connections to a primary that does not answer any more end as soon as the Sentinels name another server."""

import os
import socket
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.broker.connect import Server
from shared.broker.connections import end_others
from shared.broker.follow import follow
from shared.broker.keys import Keyspace
from shared.broker.url import RedisUrl, Sentinels
from tests.support.asking import expected
from tests.support.certificates import write_certificates
from tests.support.jobs import finished, submit
from tests.support.sentinel import FailoverBroker
from tests.support.service import Service
from tests.support.waiting import wait_for
from worker.lanes.pipe import Pipe

TRIES = Keyspace("test").tries("a")
LONG = 300.0
"""Seconds that a lost connection would be waited for."""


@pytest.fixture(params=["plain", "tls"])
def certificates(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """A folder of certificates, if the broker uses TLS."""
    return write_certificates(tmp_path) if request.param == "tls" else None


@pytest.fixture
def server(broker: FailoverBroker, certificates: Path | None) -> Server:
    """The started broker."""
    broker.start()
    return Server(RedisUrl.parse(broker.url), certificates and certificates / "ca.pem")


@pytest.fixture
def group(server: Server) -> Sentinels:
    """The broker's group."""
    assert server.url.sentinels
    return server.url.sentinels


@pytest.fixture
def following(server: Server) -> Iterator[None]:
    """A thread of this process that follows the primary."""
    end = follow(server)
    yield
    end.set()


@pytest.mark.usefixtures("following")
def test_threads_that_wait_for_a_frozen_primary_go_on_with_the_next(broker: FailoverBroker, server: Server) -> None:
    with ThreadPoolExecutor() as threads, server.blocking_client(LONG) as client, server.blocking_client(LONG) as other:
        pipe = Pipe(other)
        client.ping()
        pipe.exchange(lambda: pipe.send("PING"))
        old = broker.primary
        old.pause()
        waiting = threads.submit(client.ping)
        written = threads.submit(pipe.exchange, lambda: pipe.send("SET", TRIES, "1", "EX", "60"))
        broker.moved(old)
        with pytest.raises(RedisConnectionError):
            waiting.result(30)
        assert client.get(TRIES) == b"1" if written.result(30) == [b"OK"] else False
        pipe.drop()
        old.resume()


@pytest.mark.parametrize("certificates", [None], ids=["plain"])
class TestEndOthers:
    def test_connections_to_the_primary_and_those_of_another_group_stay(self, server: Server, group: Sentinels) -> None:
        with server.blocking_client(LONG) as client:
            connection = client.client_id()
            primary = server.blocking_finder()()
            assert end_others(group, primary) == 0
            assert end_others(replace(group, master="another"), ("127.0.0.1", 1)) == 0
            assert client.client_id() == connection
            assert end_others(group, ("127.0.0.1", 1)) == 1
            assert end_others(group, ("127.0.0.1", 1)) == 0
            assert client.client_id() != connection

    def test_a_child_process_leaves_its_parents_connections_alone(self, server: Server, group: Sentinels) -> None:
        with server.blocking_client(LONG) as client:
            connection = client.client_id()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of the threads of other tests
                child = os.fork()
            if not child:
                os._exit(end_others(group, ("127.0.0.1", 1)))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert client.client_id() == connection

    def test_a_silent_sentinel_costs_one_wait_for_all_clients(self, server: Server, group: Sentinels) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            addresses = (("127.0.0.1", silent.getsockname()[1]), *group.addresses)
            beside = Server(replace(server.url, sentinels=replace(group, addresses=addresses)))
            for _ in range(2):
                with beside.blocking_client(5) as client:
                    assert client.ping()
            silent.settimeout(5)
            silent.accept()[0].close()
            silent.settimeout(0)
            with pytest.raises(BlockingIOError):
                silent.accept()


@pytest.mark.parametrize("certificates", [None], ids=["plain"])
def test_no_process_keeps_a_connection_to_a_frozen_primary(broker: FailoverBroker, service: Service) -> None:
    worker, api = service.start_worker(), service.start_api()
    assert api.predict("before").json()["predictions"] == [expected("before")]
    old, pids = broker.primary, [worker.pid, api.process.pid]
    assert all(_connected(pid, old.port) for pid in pids)
    children = psutil.Process(worker.pid).children(recursive=True)
    old.pause()
    broker.moved(old)
    wait_for(lambda: not any(_connected(pid, old.port) for pid in pids), "every part to leave")
    wait_for(lambda: api.predict("after").status_code == 200, "a miss to be answered")
    assert finished(api, submit(api, ["a job after"]).json())["status"] == "succeeded"
    assert psutil.Process(worker.pid).children(recursive=True) == children
    old.resume()
    broker.settle()


def _connected(pid: int, port: int) -> bool:
    """Return True if a process or one of its children has an open connection to a port."""
    parent = psutil.Process(pid)
    return any(
        connection.status == psutil.CONN_ESTABLISHED and connection.raddr.port == port
        for process in (parent, *parent.children(recursive=True))
        for connection in process.net_connections("tcp")
    )
