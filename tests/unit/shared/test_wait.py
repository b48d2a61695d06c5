import os
import socket
import subprocess
import sys
from threading import Thread

import pytest

from shared.stack.ports import free_port
from shared.wait import wait_for_redis


def test_redis_that_are_there_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://:secret@127.0.0.1:{server.getsockname()[1]}/0"
        monkeypatch.setenv("SENTIMENT_BROKER_URL", url)
        monkeypatch.setenv("SENTIMENT_CACHE_URL", url)
        said: list[str] = []
        wait_for_redis(said.append)
    assert not said


def test_one_that_comes_later_is_waited_for_and_its_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    port, said = free_port(), []
    monkeypatch.setenv("SENTIMENT_BROKER_URL", f"redis://:secret@127.0.0.1:{port}/0")
    monkeypatch.delenv("SENTIMENT_CACHE_URL", raising=False)
    servers: list[socket.socket] = []

    def say(line: str) -> None:
        said.append(line)
        servers.append(socket.create_server(("127.0.0.1", port)))

    waiting = Thread(target=wait_for_redis, args=(say,), daemon=True)
    waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()
    assert said
    assert said[0].startswith(f"waiting for 127.0.0.1:{port}: ")
    assert "secret" not in "".join(said)
    servers[0].close()


def test_one_of_several_sentinels_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = free_port()
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        hosts = f"127.0.0.1:{gone},127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("SENTIMENT_BROKER_URL", f"redis+sentinel://{hosts}/0?master=m&sentinel_password=secret")
        monkeypatch.delenv("SENTIMENT_CACHE_URL", raising=False)
        wait_for_redis(said.append)
    assert [line.partition(": ")[0] for line in said] == [f"waiting for 127.0.0.1:{gone}"]


def test_it_goes_on_without_what_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SENTIMENT_BROKER_URL", "SENTIMENT_CACHE_URL"):
        monkeypatch.setenv(variable, f"redis://127.0.0.1:{free_port()}/0")
    said: list[str] = []
    wait_for_redis(said.append, longest=0)
    assert [line.partition(" 127")[0] for line in said] == ["waiting for", "going on without"] * 2


def test_it_runs_as_a_command() -> None:
    subprocess.run(
        [sys.executable, "-m", "shared.wait"], env=os.environ | {"SENTIMENT_BROKER_URL": ""}, check=True, timeout=20
    )
