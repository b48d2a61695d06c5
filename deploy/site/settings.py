"""The reference of all settings, generated from `shared.process.settings`."""

import ast
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import SecretStr

from shared.process import settings as module
from shared.process.settings import Settings

_HEAD: Final = """# Settings

Environment variables, read at the start by API, worker and `make run` alike; each part reads what concerns it. Times
are in seconds, sizes in bytes. A value that is not valid ends the start with a sentence that names the variable. In
Compose they are set in `docker-compose.yml` (`.env.example` lists those that `.env` sets), in the chart as `settings`
of [its values](../../charts/README.md#values).

This page is made from `shared/process/settings.py` (`make docs`).
"""
_GROUP: Final = re.compile(r"^    # ([^:\n]+)")


class Setting(NamedTuple):
    """A setting: its group, its variable, its default as text, and its description."""

    group: str
    variable: str
    default: str
    meaning: str


def all_settings() -> Iterator[Setting]:
    """Yield the settings in the order of the code.

    Raises:
        KeyError: a field has no docstring.
    """
    lines = inspect.getsource(module).splitlines()
    meanings = dict(_docstrings(lines))
    prefix = Settings.model_config["env_prefix"]
    group, next_line = "", 0
    for name, line in _fields(lines):
        for earlier in lines[next_line:line]:
            if found := _GROUP.match(earlier):
                group = found[1]
        next_line = line
        yield Setting(group, f"{prefix}{name.upper()}", _shown(Settings.model_fields[name].default), meanings[name])


def page() -> str:
    """Return the page in Markdown."""
    parts, group = [_HEAD], None
    for setting in all_settings():
        if setting.group != group:
            group = setting.group
            parts.append(f"\n## {group}\n\n| variable | default | |\n|---|---|---|\n")
        parts.append(f"| `{setting.variable}` | {setting.default} | {setting.meaning} |\n")
    return "".join(parts).replace("|  |", "| |")


def _class(lines: list[str]) -> list[ast.stmt]:
    tree = ast.parse("\n".join(lines))
    return next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == Settings.__name__)


def _fields(lines: list[str]) -> Iterator[tuple[str, int]]:
    for node in _class(lines):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.lineno - 1


def _docstrings(lines: list[str]) -> Iterator[tuple[str, str]]:
    body = _class(lines)
    for field, told in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(told, ast.Expr):
            assert isinstance(told.value, ast.Constant)
            yield field.target.id, " ".join(str(told.value.value).replace("``", "`").split())


def _shown(default: Any) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple):
        default = ",".join(str(part) for part in default)
    if isinstance(default, Enum):
        default = default.value
    if default is None or default == "":
        return ""
    assert isinstance(default, bool | int | float | str | Path)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
