"""The launcher with the real product behind it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psutil
import pytest

from shared.broker.url import RedisUrl
from shared.process.settings import Settings
from shared.stack.ports import free_port, require_free
from tests.support.process import Process
from tests.support.waiting import wait_for
from worker.engines.manifest import MANIFEST, model_dir

BROKER = "SENTIMENT_BROKER_URL"


class Stack:
    """``python -m shared.stack run`` on free ports, with folders of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data, self.temporary = folder / "data", folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.api, self.flower = free_port(), free_port()
        environment = {
            "SENTIMENT_API_PORT": str(self.api),
            "SENTIMENT_FLOWER_PORT": str(self.flower),
            "SENTIMENT_WORKER_PROCESSES": "1",
            "TMPDIR": str(self.temporary),
            **settings,
        }
        self.process = Process("shared.stack", ["run", "--data", str(self.data)], environment, folder / "log")

    def until_up(self) -> None:
        wait_for(lambda: "is up" in self.process.output or not self.process.alive, "the stack to be up", 60)
        assert self.process.alive, self.process.output

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ask(self, text: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api}/project/predict",
            json.dumps({"text": text}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return str(json.load(response)["prediction"][0]["label"])

    def read(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api}{path}", timeout=10) as response:
            return json.load(response)

    def answers(self) -> bool:
        try:
            return bool(self.ask(f"a new text {os.urandom(4).hex()}"))
        except OSError:
            return False

    def free(self) -> bool:
        require_free("API", "127.0.0.1", self.api, "")
        require_free("Flower", "127.0.0.1", self.flower, "")
        return True


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    family = stack.family() if stack.process.alive else []
    print(stack.process.output)  # shown when the test fails
    stack.process.kill()
    for member in family:
        if member.is_running():
            member.kill()


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def gone(family: list[psutil.Process]) -> bool:
    return not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)


def test_up_answering_and_stopped_without_a_trace(stack: Stack) -> None:
    stack.until_up()
    assert stack.ask("A wonderful film") == "POSITIVE"
    wait_for(lambda: listening(stack.flower), "Flower to listen")  # "up" is the API's word alone
    with pytest.raises(HTTPError, match="401"):
        urllib.request.urlopen(f"http://127.0.0.1:{stack.flower}/workers", timeout=10)
    family = stack.family()
    assert len(family) >= 6
    users = {RedisUrl.parse(member.environ().get(BROKER, "redis://none")).user for member in family}
    assert users == {"", "api", "worker", "flower"}
    assert not any("redis://" in " ".join(member.cmdline()) for member in family)
    assert stack.process.terminate() == 0
    assert "permission" not in stack.process.output
    assert gone(family)
    assert stack.free()
    assert not list(stack.temporary.iterdir())
    assert list((stack.data / "broker").rglob("*.aof")), "what was accepted outlives the run"


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_a_worker_that_is_killed_is_started_again(stack: Stack, kill: Callable[[int, int], None]) -> None:
    stack.until_up()
    (worker,) = [
        p for p in psutil.Process(stack.process.pid).children() if "worker" in p.cmdline() and "run" in p.cmdline()
    ]
    before = worker.children(recursive=True)
    kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: "worker was killed by signal 9; starting it again" in stack.process.output, "the line")
    wait_for(stack.answers, "the service to answer again", 60)
    assert gone(before)
    assert stack.process.terminate() == 0


def test_a_launcher_that_is_killed_leaves_no_process(stack: Stack) -> None:
    stack.until_up()
    family = stack.family()
    stack.process.signal(signal.SIGKILL)
    stack.process.wait()
    wait_for(lambda: gone(family), "every part to end", 60)


def test_a_second_run_on_the_same_data_says_so(stack: Stack, tmp_path: Path) -> None:
    stack.until_up()
    result = run(["run", "--data", str(stack.data)], SENTIMENT_API_PORT=str(free_port()))
    assert result.returncode == 1
    assert "another run uses" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        result = run(["run", "--data", str(tmp_path / "data")], SENTIMENT_API_PORT=port)
    assert result.returncode == 1
    assert f"The API cannot listen on 127.0.0.1:{port}" in result.stdout
    assert "SENTIMENT_API_PORT" in result.stdout
    assert len(result.stdout.splitlines()) == 1
    assert not result.stderr


def test_a_second_signal_does_not_wait(stack: Stack) -> None:
    stack.until_up()
    family = stack.family()
    (worker,) = [p for p in psutil.Process(stack.process.pid).children() if p.cmdline()[-2:] == ["worker", "run"]]
    worker.suspend()  # it cannot stop by itself
    stack.process.signal(signal.SIGINT)
    wait_for(lambda: "once more to kill" in stack.process.output, "the hint")
    stack.process.signal(signal.SIGINT)
    assert stack.process.wait() == 0
    assert gone(family)
    assert stack.free()


def test_a_part_that_cannot_start_is_named(tmp_path: Path) -> None:
    ports = {"SENTIMENT_API_PORT": str(free_port()), "SENTIMENT_FLOWER_PORT": str(free_port())}
    result = run(["run", "--data", str(tmp_path / "data")], SENTIMENT_MODEL_DIR=str(tmp_path), **ports)
    assert result.returncode == 1
    assert "worker cannot start: it ended with exit code 2" in result.stdout
    assert "manifest.json cannot be read" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_a_bad_setting_is_one_sentence() -> None:
    result = run(["run"], SENTIMENT_API_PORT="eighty")
    assert result.returncode == 2
    assert result.stderr.startswith("error: SENTIMENT_API_PORT: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "settings",
    [{}, {"SENTIMENT_API_KEYS": "one-key,another", "SENTIMENT_PROTECT_HEALTH": "true"}],
    ids=["open", "keys"],
)
def test_the_demonstration(settings: dict[str, str]) -> None:
    result = run(["demo"], **settings)
    assert result.returncode == 0, result.stdout
    assert "Every answer is right." in result.stdout


def test_two_labels_renamed_in_the_manifest_come_out_of_every_door(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(model_dir(Settings()), model)
    manifest = json.loads((model / MANIFEST).read_bytes()) | {"labels": ["down", "up"], "polarity": None}
    (model / MANIFEST).write_text(json.dumps(manifest))
    result = run(["demo"], SENTIMENT_MODEL_DIR=str(model))
    assert "Every answer has the right form." in result.stdout, result.stdout
    assert " up " in result.stdout
    assert "POSITIVE" not in result.stdout
    stack = Stack(tmp_path, SENTIMENT_MODEL_DIR=str(model))
    try:
        stack.until_up()
        assert stack.ask("A wonderful film") == "up"
        assert stack.read("/project/stats")["model"]["labels"] == ["down", "up"]
        score = stack.read("/openapi.json")["components"]["schemas"]["LabelScore"]
        assert score["properties"]["label"]["enum"] == ["down", "up"]
        command = [sys.executable, "-m", "client", "predict", "--url", f"http://127.0.0.1:{stack.api}", "A bore."]
        assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.startswith("down")
    finally:
        stack.process.kill()


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shared.stack", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
