"""``make load``, with a program named k6 that only records how it was called."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from load.run.scripts import SCRIPTS

RECORDER = """#!{python}
import json, os, sys, urllib.request
names = ("BASE_URL", "PREFIX", "API_KEY", "DURATION", "PROFILE", "K6_NEW_MACHINE_READABLE_SUMMARY")
call = {{"arguments": sys.argv[1:], "environment": {{name: os.environ.get(name) for name in names}}}}
if "ASK" in os.environ:
    question = urllib.request.Request(
        call["environment"]["BASE_URL"] + call["environment"]["PREFIX"] + "/predict",
        b'{{"text": "A joy."}}',
        {{"Content-Type": "application/json", "Authorization": "Bearer " + call["environment"]["API_KEY"]}},
    )
    with urllib.request.urlopen(question, timeout=10) as answer:
        call["answer"] = json.load(answer)
with open(os.environ["RECORD"], "w") as record:
    json.dump(call, record)
sys.exit(99)
"""


@dataclass
class Launcher:
    """Runs ``python -m load.run`` with a PATH of its own."""

    folder: Path

    @property
    def record(self) -> Any:
        return json.loads((self.folder / "record").read_text())

    def add_k6(self) -> None:
        program = self.folder / "bin/k6"
        program.write_text(RECORDER.format(python=sys.executable))
        program.chmod(0o755)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "RECORD": str(self.folder / "record")}
        return subprocess.run(
            [sys.executable, "-m", "load.run", *arguments],
            env={name: value for name, value in os.environ.items() if name != "TARGET"} | own | environment,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    (tmp_path / "bin").mkdir()
    return Launcher(tmp_path)


def test_the_whole_product_is_started_for_k6(launcher: Launcher) -> None:
    launcher.add_k6()
    settings = {"SENTIMENT_API_KEYS": "sesame,other", "SENTIMENT_PATH_PREFIX": "/elsewhere"}
    done = launcher.run("headline", ASK="1", DURATION="3s", **settings)
    assert done.returncode == 99, done.stdout + done.stderr
    call = launcher.record
    assert call["arguments"] == ["run", "--include-system-env-vars", str(SCRIPTS / "headline.js")]
    assert call["environment"] | {"BASE_URL": ""} == {
        "BASE_URL": "",
        "PREFIX": "/elsewhere",
        "API_KEY": "sesame",
        "DURATION": "3s",
        "PROFILE": "headline",
        "K6_NEW_MACHINE_READABLE_SUMMARY": "false",
    }
    assert call["answer"]["prediction"][0]["label"] == "POSITIVE"


def test_a_target_is_used_and_nothing_started(launcher: Launcher) -> None:
    launcher.add_k6()
    done = launcher.run("open", TARGET="http://127.0.0.1:9")
    assert done.returncode == 99
    assert launcher.record["environment"]["BASE_URL"] == "http://127.0.0.1:9"
    assert launcher.record["environment"]["PREFIX"] is None
    assert launcher.record["environment"]["PROFILE"] == "open"
    assert launcher.record["arguments"][-1] == str(SCRIPTS / "profile.js")


def test_without_k6_one_sentence_says_how_to_get_it(launcher: Launcher) -> None:
    done = launcher.run("headline", PATH=str(launcher.folder / "bin"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: k6 is not on PATH: install it")
    assert done.stderr.count("\n") == 1


def test_a_scenario_that_does_not_exist_is_named_beside_those_that_do(launcher: Launcher) -> None:
    done = launcher.run("nope")
    assert done.returncode == 2
    assert done.stderr == "error: there is no scenario 'nope'; there are burst, cold, headline, lanes, open, skewed\n"


def test_a_wrong_setting_is_named_in_one_sentence(launcher: Launcher) -> None:
    launcher.add_k6()
    done = launcher.run("headline", SENTIMENT_API_PORT="eighty")
    assert done.returncode == 2
    assert done.stderr.startswith("error: SENTIMENT_API_PORT: ")
    assert done.stderr.count("\n") == 1
