"""Every alert is shown firing and not firing by promtool, and says what it means and where to read on."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.tools import ROOT
from tests.monitoring.prometheus import binary
from tests.monitoring.queries import RULES, alerts

TESTS = sorted((Path(__file__).parent / "alerts").glob("*.yaml"))
ALERTS = {alert["alert"]: alert for alert in alerts()}
PAGE = (ROOT / "docs" / "alerts.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def _promtool(*arguments: str) -> None:
    done = subprocess.run([binary("promtool"), *arguments], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _shown(name: str) -> list[list[dict[str, Any]]]:
    """Return the expectation of each of promtool's tests of an alert: its samples, or none."""
    expr = f'ALERTS{{alertname="{name}", alertstate="firing"}}'
    files = (yaml.safe_load(path.read_text()) for path in TESTS)
    questions = (question for file in files for test in file["tests"] for question in test["promql_expr_test"])
    return [question["exp_samples"] for question in questions if question["expr"] == expr]


def test_the_rules_are_right_by_promtools_own_check() -> None:
    _promtool("check", "rules", *map(str, RULES))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should_and_only_then(path: Path) -> None:
    _promtool("test", "rules", str(path))


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_is_shown_firing_and_not_firing(name: str) -> None:
    shown = _shown(name)
    assert any(shown), "no test of promtool shows it firing"
    assert not all(shown), "no test of promtool shows it quiet"


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_what_it_means(name: str) -> None:
    alert = ALERTS[name]
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["runbook_url"] == f"docs/alerts.md#{name.lower()}"


@pytest.mark.parametrize("name", ALERTS)
def test_texts_name_only_labels_that_the_alert_has(name: str) -> None:
    used = set(re.findall(r"\$labels\.(\w+)", str(ALERTS[name]["annotations"])))
    samples = [sample["labels"] for samples in _shown(name) for sample in samples]
    assert all(used <= set(re.findall(r"(\w+)=", sample)) for sample in samples)


def test_the_page_has_a_section_for_each_alert_and_no_other() -> None:
    assert SECTIONS.keys() == ALERTS.keys()
    for name, section in SECTIONS.items():
        assert all(f"**{part}**" in section for part in ("Means.", "Look at.", "Do.")), name
