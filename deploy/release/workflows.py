"""The workflows that a fork runs: valid, with pinned actions, and with verbs of the Makefile alone."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.chart.tools import ROOT
from deploy.release.step import call, require

FOLDER: Final = ROOT / ".github" / "workflows"
_PINNED: Final = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
_VERB: Final = re.compile(r"make ([a-z0-9-]+)(?: ARGS=[a-z0-9-]+)?")


def check_workflows() -> str:
    """Check the workflow files by GitHub's schema and by the rules of this project.

    Raises:
        StepError: a file is not valid or breaks a rule.
    """
    files = sorted(FOLDER.glob("*.yml"))
    require(files, f"{FOLDER} has no workflow")
    call(Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)
    found = [broken for path in files for broken in problems(path)]
    require(not found, "\n".join(found))
    named = sorted({verb for path in files for verb in verbs(path)})
    return f"{', '.join(path.name for path in files)} valid; steps: {', '.join(f'make {verb}' for verb in named)}"


def problems(path: Path) -> list[str]:
    """Return the rules that a workflow breaks: actions are pinned, steps are verbs, and rights are named."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    found = [] if "permissions" in workflow else [f"{path.name}: no permissions"]
    known = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for step in _steps(workflow):
        uses, runs = step.get("uses"), step.get("run")
        if uses and not _PINNED.fullmatch(uses):
            found.append(f"{path.name}: {uses} is not pinned by a commit")
        verb = _VERB.fullmatch(runs.strip()) if runs else None
        if runs and (verb is None or verb[1] not in known):
            found.append(f"{path.name}: {runs!r} is no verb of the Makefile")
    return found


def verbs(path: Path) -> list[str]:
    """Return the Makefile's verbs that a workflow runs."""
    return [step["run"].split()[1] for step in _steps(yaml.safe_load(path.read_text("utf-8"))) if "run" in step]


def _steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]
