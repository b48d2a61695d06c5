"""Node, and k6 scripts under it with stand-ins for k6's modules."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load.node import NodeMissingError, find_node
from load.run.scripts import script
from tests.support.missing import missing

HERE = Path(__file__).parent
STANDINS = HERE / "standins"


@dataclass(frozen=True)
class Outcome:
    """Output of a script, as the driver records it."""

    options: dict[str, Any]
    data: dict[str, Any]
    outputs: dict[str, str]
    slept: list[float]

    def value(self, metric: str, stat: str) -> float:
        """Return one value of a metric; 0 if it has no sample."""
        metrics = self.data["metrics"]
        return float(metrics[metric]["values"][stat]) if metric in metrics else 0.0

    @property
    def crossed(self) -> set[str]:
        """Metrics with a threshold that was crossed, durations left out: no test asserts how long anything took."""
        return {
            name
            for name, metric in self.data["metrics"].items()
            if not name.endswith("_duration") and not all(t["ok"] for t in metric.get("thresholds", {}).values())
        }

    @property
    def failed_checks(self) -> set[str]:
        return {check["name"] for check in self.data["root_group"]["checks"] if check["fails"]}

    @property
    def table(self) -> dict[str, list[str]]:
        """The summary's lines by their first word."""
        lines = (line.split() for line in self.outputs["stdout"].splitlines())
        return {words[0]: words[1:] for words in lines if words}


def node_program() -> Path:
    """Return Node."""
    try:
        return find_node()
    except NodeMissingError as error:
        missing(str(error))


def run_node(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Node to its end."""
    return subprocess.run(
        [node_program(), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def drive(scenario: str, users: dict[str, tuple[int, int]], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script; `users` says how many virtual users call each exec function, and how often each of them."""
    plan = json.dumps(users)
    return run_node(
        "--import",
        (STANDINS / "register.js").as_uri(),
        STANDINS / "drive.js",
        script(scenario),
        plan,
        **({"PROFILE": scenario} | environment),
    )


def outcome(scenario: str, users: dict[str, tuple[int, int]], **environment: str) -> Outcome:
    """Run a script that must not break down."""
    done = drive(scenario, users, **environment)
    assert done.returncode == 0, done.stderr
    return Outcome(**json.loads(done.stdout))
