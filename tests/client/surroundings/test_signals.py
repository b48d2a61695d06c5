"""Signals, at every moment: a shell sees the signal, people see a sentence where something was kept."""

import csv
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from tests.client.answers import fields_of
from tests.client.surroundings.desk import BASH, desk, require_plain
from tests.support.command import SECONDS, Command
from tests.support.service import Service
from tests.support.waiting import wait_for

STOPPING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
KEPT = r"Interrupted after \d+ rows\. The same line again goes on from there\.\n"


@contextmanager
def held(service: Service, sentiment: Command, text: str, line: str) -> Iterator[Popen[bytes]]:
    """Run a line of bash until the model has a text, which it keeps."""
    desk(sentiment)
    (sentiment.folder / "held.csv").write_text(f"text\n{text}\n")
    service.hold(text)
    with subprocess.Popen(
        [BASH, "-c", line],
        env=sentiment.environment,
        cwd=sentiment.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            wait_for(lambda: service.count(text) or process.poll() is not None, "the text to be held", 60)
            yield process
        finally:
            service.release(text)
            process.kill()


def ended(process: Popen[bytes]) -> tuple[int, str]:
    _, said = process.communicate(timeout=SECONDS)
    require_plain(said.decode())
    return process.returncode, said.decode()


@pytest.mark.parametrize("number", STOPPING, ids=lambda number: number.name)
def test_a_file_says_what_was_kept(shared_service: Service, sentiment: Command, number: signal.Signals) -> None:
    text = f"file stopped by {number.name}"
    line = "exec sentiment file held.csv -o out.csv"
    with held(shared_service, sentiment, text, line) as process:
        process.send_signal(number)
        code, said = ended(process)
    assert (code, bool(re.fullmatch(KEPT, said))) == (-number, True), said
    assert sentiment("file", "held.csv", "-o", "out.csv").returncode == 0
    with (sentiment.folder / "out.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [[text, *fields_of(text)]]


@pytest.mark.parametrize("number", STOPPING, ids=lambda number: number.name)
@pytest.mark.parametrize("line", ["predict", "jobs wait"])
def test_others_end_silently(shared_service: Service, sentiment: Command, line: str, number: signal.Signals) -> None:
    text = f"{line} stopped by {number.name}"
    script = {
        "predict": f"exec sentiment predict --timeout 60 '{text}' 2>&1",
        "jobs wait": "tail -1 held.csv | sentiment jobs submit > job; exec sentiment jobs wait $(cat job) -q",
    }[line]
    with held(shared_service, sentiment, text, script) as process:
        if line == "jobs wait":
            wait_for(lambda: connected(process.pid), "the wait to begin", 60)
        process.send_signal(number)
        assert ended(process)[0] == -number


def connected(pid: int) -> bool:
    """Whether a process has a connection, so that it is past its start."""
    try:
        return any(str(file.readlink()).startswith("socket:") for file in Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # closed in this moment
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_that_is_ignored_stays_so(shared_service: Service, sentiment: Command, number: signal.Signals) -> None:
    """As under nohup, or in the background of a script."""
    text = f"goes on in spite of {number.name}"
    line = f"trap '' {number.name.removeprefix('SIG')}; exec sentiment file held.csv -o out.csv"
    with held(shared_service, sentiment, text, line) as process:
        process.send_signal(number)
        shared_service.release(text)
        assert ended(process)[0] == 0


def test_twice_at_once(shared_service: Service, sentiment: Command) -> None:
    with held(shared_service, sentiment, "stopped twice", "exec sentiment file held.csv -o out.csv") as process:
        for _ in range(2):
            process.send_signal(signal.SIGINT)
        code, said = ended(process)
    assert (code, bool(re.fullmatch(f"({KEPT})?", said))) == (-signal.SIGINT, True), said


AT_IMPORT = """
import os, signal, sys


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == os.environ["STOPPED_AT"]:
            os.kill(os.getpid(), signal.SIGINT)


sys.meta_path.insert(0, Finder)
"""
"""Presses Ctrl-C in the moment in which a module is looked for."""


@pytest.mark.parametrize("module", ["click", "httpx", "client.cli.main", "client.cli.progress", "client.sync"])
def test_ctrl_c_while_it_starts(sentiment: Command, module: str) -> None:
    (sentiment.folder / "sitecustomize.py").write_text(AT_IMPORT)
    result = sentiment("predict", "good", PYTHONPATH=str(sentiment.folder), STOPPED_AT=module)
    assert (result.returncode, result.stdout, result.stderr) == (-signal.SIGINT, "", "")
