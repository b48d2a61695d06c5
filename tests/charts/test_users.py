"""The users of both Redis in the chart: each part logs in as its own, also with a secret that exists already."""

from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from deploy.users import FOLDERS
from deploy.users import render as script
from shared.broker.access import Part, rights
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.stack.redis import find_server
from tests.charts.redis_part import PASSWORD, PASSWORDS, running
from tests.charts.tools import pods, render
from tests.support.redis import available_servers

USERS = [(role, part) for role in Role for part in rights(role, Keyspace("project"))]
PARTS = {"api": Part.API, "worker": Part.WORKER, "flower": Part.FLOWER}
GIVEN = ("--set", "broker.existingSecret=mine,cache.existingSecret=mine")
WITH_USERS = ("--set", "broker.existingSecretUsers=true,cache.existingSecretUsers=true")
EXTERNAL = ("--set", "broker.internal=false,cache.internal=false")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
@pytest.mark.parametrize("role", Role)
def test_the_files_are_those_of_the_code(folder: Path, role: Role) -> None:
    assert (folder / f"{role}.sh").read_text() == script(role, FOLDERS[folder]), "make users"


@pytest.mark.parametrize("binary", available_servers().values(), ids=available_servers())
@pytest.mark.parametrize("role", Role)
def test_each_part_logs_in_and_is_no_administrator(tmp_path: Path, role: Role, binary: Path) -> None:
    with running(role, tmp_path, binary) as port:
        for part in (part for at, part in USERS if at is role):
            with Redis(port=port, username=part, password=PASSWORDS[part], protocol=2, driver_info=None) as client:
                assert client.ping()
                for denied in ("FLUSHALL", "CONFIG GET *", "GET stranger"):
                    with pytest.raises(NoPermissionError):
                        client.execute_command(*denied.split())


def test_with_one_password_for_all_no_part_has_a_user_without_one(tmp_path: Path) -> None:
    none = {"API_PASSWORD": "", "WORKER_PASSWORD": "", "FLOWER_PASSWORD": ""}
    with (
        running("broker", tmp_path, find_server(), GIVEN, **none) as port,
        Redis(port=port, password=PASSWORD) as everybody,
        Redis(port=port, username="keda", password=PASSWORDS[Part.KEDA], protocol=2, driver_info=None) as keda,
    ):
        assert sorted(everybody.acl_users()) == ["default", "keda"]
        assert keda.ping()


def urls(*arguments: str) -> dict[Part, dict[str, tuple[str, str]]]:
    """Return the key of the secret and the URL of each Redis, by part and variable."""
    found: dict[Part, dict[str, tuple[str, str]]] = {}
    for _, pod in pods(render(*arguments)):
        for container in (one for one in pod["containers"] if one["name"] in PARTS):
            entries: dict[str, Any] = {entry["name"]: entry for entry in container["env"]}
            own = found.setdefault(PARTS[container["name"]], {})
            for role in Role:
                if url := entries.get(f"SENTIMENT_{role.upper()}_URL"):
                    source = entries[f"{role.upper()}_PASSWORD"] if "value" in url else url
                    key = source["valueFrom"]["secretKeyRef"]["key"]
                    own[role.value] = key, url.get("value", "").removeprefix("redis://").partition(":")[0]
    return found


@pytest.mark.parametrize("arguments", [(), (*GIVEN, *WITH_USERS)], ids=["generated", "given"])
def test_each_part_is_its_own_user(arguments: tuple[str, ...]) -> None:
    both = {part: {role.value: (f"{part}-password", part.value) for role in Role} for part in (Part.API, Part.WORKER)}
    assert urls(*arguments) == both | {Part.FLOWER: {"broker": ("flower-password", "flower")}}


def test_a_secret_with_one_password_is_everybodys() -> None:
    assert {entry for own in urls(*GIVEN).values() for entry in own.values()} == {("password", "")}


def test_redis_of_ones_own_has_a_url_for_each_part_or_one_for_all() -> None:
    assert {entry for own in urls(*GIVEN, *EXTERNAL).values() for entry in own.values()} == {("url", "")}
    keys = {part: {key for key, _ in own.values()} for part, own in urls(*GIVEN, *EXTERNAL, *WITH_USERS).items()}
    assert keys == {part: {f"{part}-url"} for part in PARTS.values()}
