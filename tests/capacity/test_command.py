"""The command line, on small numbers."""

import json
from pathlib import Path

import pytest

from load.capacity.__main__ import main
from load.capacity.simulate.machine import Setup
from tests.capacity.plans import COSTS, plan
from tests.capacity.results import GENERATOR, load_run

SHORT = ["--traffic.minutes", "3", "--traffic.spike_start", "1", "--traffic.spike_minutes", "1"]


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A measured file, so that no test depends on the repository's."""
    file = tmp_path / "measured.json"
    fields = {"measured": True, "source": {}, "costs": COSTS, "traffic": {"length_mix": {32: 1.0}}}
    file.write_text(json.dumps(fields))
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_table_has_a_row_for_each_rate(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "table", "--rates", "50", "5000", "--measured", str(told), *SHORT)
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == ["| 50", "| 5,000"]
    # The least there may be; and 250 or 750 texts/s of 12 ms, network included: 3 or 9 processes, at 80 % 4 or 12.
    assert [row[3] for row in rows] == ["2 / 2", "2 / 6"]
    assert "placeholders" not in text


def test_plan_shows_every_minute(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "plan", "--measured", str(told), "--traffic.rate", "200", *SHORT)
    assert text.startswith("# 200 requests/s, 95% hits, 600 in 1 minutes from minute 1")
    assert [line[2] for line in text.splitlines()[-3:]] == ["0", "1", "2"]


def test_plan_for_machines_is_json_and_complete(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "plan", "--json", "--measured", str(told), "--traffic.rate", "200", *SHORT))
    assert found["measured"] is True
    assert found["plan"]["traffic"]["rate"] == 200
    assert len(found["minutes"]) == 3
    total = found["total"]
    assert total["requests"] == total["hits"] + total["answered"] + total["refused"] + total["late"]
    assert sum(minute["requests"] for minute in found["minutes"]) == total["requests"]


def test_flags_go_before_the_file_and_the_file_before_what_was_measured(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "plan.json"
    rules = {"stabilisation": 60, "policies": [{"unit": "Pods", "value": 1, "period": 30}]}
    own.write_text(
        json.dumps({"traffic": {"rate": 70, "hit_rate": 0.5}, "costs": {"hit_cpu": 0.001}, "workers": {"down": rules}})
    )
    flags = ["--input", str(own), "--traffic.rate", "80", "--traffic.length_mix", '{"8": 0.25, "32": 0.75}', *SHORT]
    found = json.loads(run(capsys, "plan", "--json", "--measured", str(told), *flags))["plan"]
    assert (found["traffic"]["rate"], found["traffic"]["hit_rate"]) == (80, 0.5)
    assert found["traffic"]["length_mix"] == {"8": 0.25, "32": 0.75}
    assert (found["costs"]["hit_cpu"], found["costs"]["miss_cpu"]) == (0.001, 0.0004)
    assert found["workers"]["down"]["policies"] == rules["policies"]


def test_placeholders_are_called_so(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told.write_text(json.dumps(json.loads(told.read_text()) | {"measured": False}))
    assert "placeholders, not measured" in run(capsys, "table", "--rates", "20", "--measured", str(told), *SHORT)


def test_validate_states_the_errors_of_each_run(told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setup = Setup(cores=2, processes=2, seconds=3, warm_up=1, generator_cpu=GENERATOR, connections=10)
    file = tmp_path / "cold.json"
    file.write_text(json.dumps(load_run(plan(traffic={"hit_rate": 0.0}), "cold", setup)))
    text = run(capsys, "validate", str(file), str(file), "--measured", str(told))
    assert text.count("| cold | 0.00 | requests/s | ") == 2
    assert text.count("0.0% |") == 6  # a machine that is as its costs say


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--traffic.hit_rate", "1.5"], "traffic.hit_rate: Input should be less than or equal to 1"),
        (["--traffic.length_mix", '{"32": 0.5}'], "the shares must add up to 1"),
        (["--traffic.spike_start", "3"], "the spike must end within the simulated minutes"),
        (["--traffic.length_mix", '{"600": 1}'], "texts of 600 tokens, but seconds_by_tokens ends at 512"),
        (["--input", "missing.json"], "missing.json cannot be read as JSON"),
        (["--goal.p99_seconds", "0.0001"], "the goal is not reached"),
    ],
)
def test_a_mistake_is_a_sentence(
    told: Path, capsys: pytest.CaptureFixture[str], flags: list[str], message: str
) -> None:
    assert main(["plan", "--measured", str(told), *SHORT, *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


@pytest.mark.parametrize("command", [[], ["plan"], ["table"], ["validate"], ["measure"]])
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "python -m load.capacity" in text
    if command in (["plan"], ["table"]):
        assert "--workers.target" in text
        assert "0.7 unanswered texts for each of its processes" in " ".join(text.split())
