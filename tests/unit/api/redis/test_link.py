"""The pipelined connection, on a real Redis."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from api.redis.link import Address, Link
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Call, Script
from shared.broker.scripts.callers import run
from shared.broker.url import RedisUrl
from tests.support.redis import RedisServer

KEYS = Keyspace("test")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer("broker", tmp_path / "redis", password="hush")
    server.start()
    yield server
    server.stop()


LIMIT = 10.0


def on_link(
    server: RedisServer, scenario: Callable[[Link], Awaitable[None]], url: str = "", limit: float = LIMIT
) -> None:
    async def run() -> None:
        link = Link(Address(Server(RedisUrl.parse(url or server.url))), limit)
        try:
            await scenario(link)
        finally:
            link.close()

    asyncio.run(run())


def test_many_callers_each_get_their_own_reply(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        await asyncio.gather(*(link.call("SET", KEYS.tries(str(i)), f"value {i}", "EX", 60) for i in range(500)))
        values = await asyncio.gather(*(link.call("GET", KEYS.tries(str(i))) for i in range(500)))
        assert values == [f"value {i}".encode() for i in range(500)]
        with server.client() as redis:
            assert len(redis.client_list()) == 2, "one connection, and the one that counts"

    on_link(server, scenario)


def test_a_refusal_reaches_its_caller_alone(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        answers = await asyncio.gather(link.call("NO-SUCH-COMMAND"), link.call("PING"), return_exceptions=True)
        assert isinstance(answers[0], ResponseError)
        assert answers[1] == b"PONG"

    on_link(server, scenario)


def test_a_script_is_sent_to_a_server_that_does_not_know_it(server: RedisServer) -> None:
    class Text(Script):
        def __init__(self, source: str) -> None:
            self.source = source

    async def scenario(link: Link) -> None:
        call = Call(Text("return {KEYS[1], ARGV[1]}"), ["k"], [7], tuple)
        for _ in range(2):
            assert await run(link.call, call) == (b"k", b"7")
            await link.call("SCRIPT", "FLUSH")
        with pytest.raises(ResponseError, match="no"):
            await run(link.call, Call(Text("return redis.error_reply('no')"), [], [], tuple))

    on_link(server, scenario)


def test_the_database_of_the_url_is_used(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        await link.call("SET", "where", "here", "EX", 60)
        with server.client() as redis:
            assert not redis.exists("where")

    on_link(server, scenario, server.url.rsplit("/", 1)[0] + "/3")


@pytest.mark.parametrize("password", [":wrong@", ""])
def test_a_wrong_password_is_said(server: RedisServer, password: str) -> None:
    url = "redis://" + password + server.url.rpartition("@")[2]

    async def scenario(link: Link) -> None:
        for _ in range(2):
            with pytest.raises(RedisError):
                await link.call("PING")

    on_link(server, scenario, url)


def test_who_waits_when_the_connection_is_lost_is_told_and_the_next_call_makes_another(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        assert await link.call("PING") == b"PONG"
        waiting = asyncio.create_task(link.call("BLPOP", "never", 0))
        await asyncio.sleep(0)
        server.kill()
        with pytest.raises(RedisError):
            await waiting
        with pytest.raises(OSError, match=r"refused|Connect call failed|Multiple exceptions"):
            await link.call("PING")
        server.start()
        assert await link.call("PING") == b"PONG"

    on_link(server, scenario)


def test_who_gives_up_takes_the_late_reply_along(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        await link.call("PING")
        server.pause()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await link.call("ECHO", "late")
        server.resume()
        assert await link.call("ECHO", "in time") == b"in time"

    on_link(server, scenario)


def test_a_server_that_falls_silent_is_left_in_time(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        before = await link.call("CLIENT", "ID")
        server.pause()
        calls = [asyncio.create_task(link.call("PING")) for _ in range(3)]
        await asyncio.wait(calls)
        assert {type(call.exception()) for call in calls} <= {TimeoutError, RedisConnectionError}
        server.resume()
        assert await link.call("CLIENT", "ID") != before

    on_link(server, scenario, limit=0.5)


def test_replies_that_arrived_while_the_process_was_held_up_are_read(server: RedisServer) -> None:
    async def scenario(link: Link) -> None:
        assert await link.call("PING") == b"PONG"
        reply = asyncio.ensure_future(link.call("ECHO", "there"))
        await asyncio.sleep(0)  # to send it
        await asyncio.sleep(0)
        end = time.monotonic() + 1
        with server.client() as redis:
            while time.monotonic() < end:  # the event loop is held up
                redis.ping()
        assert await reply == b"there"

    on_link(server, scenario, limit=0.5)


def test_what_is_no_redis_is_no_endless_wait() -> None:
    async def run() -> None:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
            port = web.sockets[0].getsockname()[1]
            link = Link(Address(Server(RedisUrl("127.0.0.1", port))), LIMIT)
            with pytest.raises(RedisError):
                await link.call("PING")

    asyncio.run(run())


def test_a_user_without_a_password_gets_in_as_by_redis_py(server: RedisServer) -> None:
    with server.client() as redis:
        redis.acl_setuser("ann", enabled=True, nopass=True, commands=["+@all"], keys=["*"])
    url = "redis://ann@" + server.url.rpartition("@")[2]

    async def scenario(link: Link) -> None:
        assert await link.call("ACL", "WHOAMI") == b"ann"
        async with Server(RedisUrl.parse(url)).asyncio_client(5) as client:
            assert await client.acl_whoami() == "ann"
        with Server(RedisUrl.parse(url)).blocking_client(5) as blocking:
            assert blocking.acl_whoami() == "ann"

    on_link(server, scenario, url)
