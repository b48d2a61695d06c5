"""The scripts and the traffic against k6's own types."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from load.node import NodeMissingError, find_npm
from tests.load.running import HERE, node_program, run_node
from tests.support.missing import missing

LOCK = HERE / "package-lock.json"
MODULES = HERE / "node_modules"
INSTALLED = MODULES / ".installed"
INSTALL_SECONDS = 90


@pytest.fixture(scope="module")
def tsc() -> Path:
    """TypeScript, installed as the lock file says."""
    node = node_program()
    if not INSTALLED.exists() or INSTALLED.read_bytes() != LOCK.read_bytes():
        try:
            npm = find_npm()
        except NodeMissingError as error:
            missing(str(error))
        path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        try:
            subprocess.run(
                [*npm, "ci"],
                cwd=HERE,
                env=os.environ | {"PATH": path},
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            missing(f"npm cannot install TypeScript and @types/k6: {error}\n{error.stderr!r}")
        INSTALLED.write_bytes(LOCK.read_bytes())
    return MODULES / "typescript/bin/tsc"


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
