"""The private names of Celery, kombu and billiard that `worker/queue` needs, held against the installed packages."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import worker.queue

ROOM = Path(worker.queue.__file__).parent
LISTED = re.findall(r"^\| `([\w.]+):([\w.]+)(\([^`]*\))?` \| ", (ROOM / "README.md").read_text("utf-8"), re.MULTILINE)
DOCUMENTED = {"billiard.exceptions", "celery", "celery.signals", "kombu"}
"""Modules of theirs whose names are in their documentation."""
PYTHONS_OWN = {"_exit", "_field_defaults"}


@pytest.mark.parametrize(("module", "name", "parameters"), LISTED, ids=[f"{row[0]}:{row[1]}" for row in LISTED])
def test_the_installed_packages_have_it(module: str, name: str, parameters: str) -> None:
    *owners, last = name.split(".")
    owner: Any = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    if parameters:
        assert str(inspect.signature(getattr(owner, last))) == parameters
    else:
        assert hasattr(owner, last) or _set_on_instances(owner, last)


def test_no_other_private_name_is_used() -> None:
    listed = {name.rpartition(".")[2] for _, name, _ in LISTED}
    assert len(listed) > 30
    unlisted = {
        (file.name, name)
        for file, tree in _sources()
        for name in set(_private_names(tree)) - _own_fields(tree) - PYTHONS_OWN - listed
    }
    assert unlisted == set()


def test_no_other_module_of_theirs_is_used() -> None:
    listed = {module for module, _, _ in LISTED} | DOCUMENTED
    unlisted = {
        (file.name, name)
        for file, tree in _sources()
        for name in _imports(tree)
        if name.partition(".")[0] in {"billiard", "celery", "kombu"} and not {name, name.rpartition(".")[0]} & listed
    }
    assert unlisted == set()


def _set_on_instances(owner: type, name: str) -> bool:
    return bool(re.search(rf"\bself\.{name} = ", inspect.getsource(owner)))


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(ROOM.glob("*.py")):
        yield file, ast.parse(file.read_text("utf-8"))


def _private_names(tree: ast.Module) -> Iterator[str]:
    """Return the private attributes that are read or written, and the private methods that are defined."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            yield node.attr
        if isinstance(node, ast.ClassDef):
            yield from (item.name for item in node.body if isinstance(item, ast.FunctionDef) and _is_private(item.name))


def _own_fields(tree: ast.Module) -> set[str]:
    """Return the attributes that our own classes set in ``__init__``."""
    makers = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    targets = [
        target for maker in makers for node in maker.body if isinstance(node, ast.Assign) for target in node.targets
    ]
    return {target.attr for target in targets if isinstance(target, ast.Attribute)}


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            documented = node.module in DOCUMENTED and not any(
                _is_module(node.module, name.name) for name in node.names
            )
            yield from [node.module] if documented else (f"{node.module}.{name.name}" for name in node.names)
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _is_module(module: str, name: str) -> bool:
    return inspect.ismodule(getattr(import_module(module), name, None))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
