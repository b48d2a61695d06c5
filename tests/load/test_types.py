"""The scripts and the traffic against k6's own types."""

import json
from pathlib import Path

import pytest

from tests.load.running import HERE, run_node
from tests.support.npm import install

LOCK = HERE / "package-lock.json"


@pytest.fixture(scope="module")
def tsc() -> Path:
    """TypeScript, installed as the lock file says."""
    return install(HERE) / "typescript/bin/tsc"


def test_scripts_and_traffic_are_well_typed(tsc: Path) -> None:
    done = run_node(tsc, "--project", HERE)
    assert done.returncode == 0, done.stdout


def test_a_wrong_use_of_k6_is_found(tsc: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text(
        'import http from "k6/http";\n'
        '/** @type {import("k6/options").Options} */\n'
        'export const options = { scenarios: { one: { executor: "constant-vus", vus: "ten", duration: "1s" } } };\n'
        "export default () => http.post(5);\n"
    )
    project = tmp_path / "tsconfig.json"
    project.write_text(json.dumps({"extends": str(HERE / "tsconfig.json"), "include": [str(wrong)]}))
    done = run_node(tsc, "--project", project)
    assert {line.split("(")[1].split(",")[0] for line in done.stdout.splitlines() if "error TS" in line} == {"3", "4"}


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)
