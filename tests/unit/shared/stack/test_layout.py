import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker.url import RedisUrl
from shared.process.settings import Settings
from shared.stack.errors import StackError
from shared.stack.layout import lock, plan
from shared.stack.ports import free_port, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(autouse=True)
def no_redis_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENTIMENT_BROKER_URL", raising=False)
    monkeypatch.delenv("SENTIMENT_CACHE_URL", raising=False)


def settings(**values: object) -> Settings:
    return Settings(**{"api_port": free_port(), "flower_port": free_port(), **values})  # type: ignore[arg-type]


def test_a_taken_port_is_named_with_its_part_and_its_setting(taken: int) -> None:
    with pytest.raises(StackError, match=rf"The API cannot listen on 127.0.0.1:{taken} .* SENTIMENT_API_PORT"):
        require_free("The API", "127.0.0.1", taken, "SENTIMENT_API_PORT")


def test_a_plan_for_a_taken_port_fails(taken: int, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="Flower"):
        plan(settings(flower_port=taken), tmp_path, tmp_path)


def test_the_parts_in_order_and_nothing_secret_on_a_command_line(tmp_path: Path) -> None:
    layout = plan(settings(flower_password="hush"), tmp_path / "data", tmp_path / "scratch")
    assert [part.name for part in layout.parts] == ["broker", "cache", "worker", "api", "flower"]
    secrets = [layout.password, *(part.environment.get("SENTIMENT_BROKER_URL", "-") for part in layout.parts)]
    for part in layout.parts:
        assert not any(secret in argument for secret in secrets[:1] for argument in part.command)
        assert "redis://" not in " ".join(part.command)
    assert layout.password == "hush"


def test_each_part_is_a_user_of_its_own(tmp_path: Path) -> None:
    layout = plan(settings(), tmp_path / "data", tmp_path / "scratch")
    passwords = {}
    for part in layout.parts:
        url = RedisUrl.parse(part.environment.get("SENTIMENT_BROKER_URL", "redis://none"))
        assert url.user == (part.name if part.name in {"api", "worker", "flower"} else "")
        passwords[part.name] = url.password
        assert ("SENTIMENT_CACHE_URL" in part.environment) == (part.name in {"api", "worker"})
    assert len({password for password in passwords.values() if password}) == 3


def test_a_redis_of_the_users_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_BROKER_URL", "redis://elsewhere:6379/0")
    layout = plan(settings(), tmp_path, tmp_path)
    assert [part.name for part in layout.parts] == ["cache", "worker", "api", "flower"]
    assert "SENTIMENT_BROKER_URL" not in layout.parts[1].environment
    assert os.environ["SENTIMENT_BROKER_URL"] == "redis://elsewhere:6379/0"


def test_a_made_up_password_differs_each_time(tmp_path: Path) -> None:
    one, other = (plan(settings(), tmp_path, tmp_path).password for _ in range(2))
    assert one != other


def test_one_run_a_folder(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(StackError, match="another run"):
        lock(tmp_path)
    lock(tmp_path).close()


def test_an_ipv6_host_makes_urls(tmp_path: Path) -> None:
    values = Settings(api_host="::1", api_port=free_port(), flower_port=free_port())
    try:
        layout = plan(values, tmp_path, tmp_path)
    except StackError:
        pytest.skip("this machine has no IPv6")
    assert layout.api == f"http://[::1]:{values.api_port}"
    assert layout.flower == f"http://127.0.0.1:{values.flower_port}"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"file cannot be used \(.*\); choose another folder \(make run DATA=FOLDER\)"):
        lock(tmp_path / "file")
