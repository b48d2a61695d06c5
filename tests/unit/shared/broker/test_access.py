"""The users' rights, compared with the scripts that their parts send."""

import re
from importlib.resources import files

import pytest

from shared.broker.access import Part, rights, user_line
from shared.broker.keys import KEYS, Keyspace
from shared.broker.role import Role

NAMES = Keyspace("test")
JOBS = "_jobs"
SCRIPTS = {
    (Role.BROKER, Part.API): ("_queue", "claim", "send", "fleet", "work", JOBS, "job_commit", "job_cancel"),
    (Role.BROKER, Part.WORKER): (
        *("beat", "leave", "activate", "start", "finish"),
        *(JOBS, "job_start", "job_finish", "job_sweep"),
    ),
    (Role.CACHE, Part.API): ("rate", "stats"),
}


def test_every_script_has_its_user() -> None:
    folder = files("shared.broker.scripts")
    there = {path.name.removesuffix(".lua") for path in folder.iterdir() if path.name.endswith(".lua")}
    assert {name for names in SCRIPTS.values() for name in names} == there


@pytest.mark.parametrize("user", SCRIPTS, ids="-".join)
def test_a_user_may_send_every_command_of_its_scripts(user: tuple[Role, Part]) -> None:
    role, part = user
    folder = files("shared.broker.scripts")
    sources = [folder.joinpath(f"{name}.lua").read_text("utf-8") for name in SCRIPTS[user]]
    called = {name.lower() for source in sources for name in re.findall(r"redis\.call\('(\w+)'", source)}
    assert called <= set(rights(role, NAMES)[part].commands.split())


@pytest.mark.parametrize("role", Role)
def test_every_declared_key_has_a_user_and_every_key_of_a_user_is_declared(role: Role) -> None:
    declared = {NAMES.prefix + key.name for key in KEYS if key.role is role and "kombu" not in key.name}
    allowed = {key for one in rights(role, NAMES).values() for key in one.keys}
    rest = {key for key in allowed if key not in declared}
    assert {name for name in declared if name not in allowed and not _is_matched(name, allowed)} == set()
    assert rest <= {
        NAMES.job_events,
        *(NAMES.prefix + name for name in ("_kombu.binding*", "*.celery.pidbox", "celeryev.*")),
    }


def _is_matched(name: str, patterns: set[str]) -> bool:
    return any(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) for pattern in patterns)


def test_a_line_names_each_right_once_for_all_services() -> None:
    both = [rights(Role.CACHE, Keyspace(name))[Part.WORKER] for name in ("one", "two")]
    assert user_line("worker", "hush", both) == (
        "user worker on >hush resetchannels -@all ~one:answer:* +ping +select +info +mget +set ~two:answer:*"
    )
