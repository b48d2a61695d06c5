"""``sentiment file`` interrupted: by Ctrl-C, by kills, by lost connections; every row is there once, in order."""

import csv
import gzip
import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import Popen

import pytest

from tests.client.answers import fields_of
from tests.support.command import SECONDS, Command, interrupt
from tests.support.cutter import cutter
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

ROWS = 240
JOB_ROWS = "40"
LINE = ("file", "in.csv", "-o", "out.csv", "--job-rows", JOB_ROWS)


@pytest.fixture
def user(service: Service, tmp_path: Path) -> Command:
    """A user with a file, before a service without workers yet."""
    texts = [f"row {i}" for i in range(ROWS)]
    (tmp_path / "in.csv").write_text("".join(f"{i},{text}\n" for i, text in [("id", "text"), *enumerate(texts)]))
    return Command("http://127.0.0.1:1", tmp_path)


def at(user: Command, api: Api) -> Command:
    user.environment["SENTIMENT_URL"] = api.url
    return user


def require_right(user: Command, name: str = "out.csv") -> None:
    """Every row once, in order, with its own answer, and nothing else is left."""
    path = user.folder / name
    with gzip.open(path, "rt", newline="") if name.endswith(".gz") else path.open(newline="") as file:
        header, *written = csv.reader(file)
    assert header == ["id", "text", "label", "score"]
    assert written == [[str(i), f"row {i}", *fields_of(f"row {i}")] for i in range(ROWS)]
    assert [path.name for path in user.folder.glob("out.csv*")] == [name]


def entries(user: Command, name: str = "out.csv") -> list[dict[str, int]]:
    """Return the number of rows that are done by the journal; its first line and the header are no rows."""
    path = user.folder / f"{name}.journal"
    lines = path.read_text().splitlines()[2:] if path.exists() else []
    return [json.loads(line) for line in lines]


def written(user: Command, name: str, jobs: int) -> bool:
    return len(entries(user, name)) >= jobs


@contextmanager
def running(user: Command, line: Sequence[str] = LINE) -> Iterator[Popen[bytes]]:
    process = user.start(*line)
    yield process
    process.kill()
    process.communicate()


def test_ctrl_c_and_the_same_line_again(service: Service, user: Command) -> None:
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    service.start_worker()
    at(user, service.start_api())
    with running(user) as process:
        wait_for(lambda: len(entries(user)) >= 2, "two jobs to be written", 60)
        said = interrupt(process)
    done = sum(entry["rows"] for entry in entries(user))
    assert re.fullmatch(r"Interrupted after \d+ rows. The same line again goes on from there.\n", said)
    assert not (user.folder / "out.csv").exists()
    assert 0 < done < ROWS
    again = user(*LINE)
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.startswith(f"Going on after {done} rows that are done.\n{ROWS} rows, ")
    require_right(user)
    assert len(service.calls()) == len(set(service.calls())) == ROWS, "computed once each"


def test_killed_with_everything_that_can_be(service: Service, user: Command) -> None:
    """The command, the API, the worker and the broker die, each in the middle; the same line ends it."""
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    worker, api = service.start_worker(), service.start_api()
    at(user, api)
    with running(user) as process:
        wait_for(lambda: entries(user), "a job to be written", 60)
        process.kill()
        process.wait()
    with running(user) as process:
        wait_for(lambda: len(entries(user)) >= 2, "one more", 60)
        api.process.kill()
        worker.kill()
        service.broker.kill()
        service.broker.start()
        service.start_api(port=api.port)
        service.start_worker()
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said.decode()
    assert b"does not answer" in said
    require_right(user)
    assert len(set(service.calls())) == ROWS


def test_a_packed_output_goes_on_after_a_kill_too(service: Service, user: Command) -> None:
    """The rows of each job are a gzip member, and an incomplete member that a kill leaves is cut off."""
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    service.start_worker()
    at(user, service.start_api())
    name = "out.csv.gz"
    line = ("file", "in.csv", "-o", name, "--job-rows", JOB_ROWS)
    for done in (1, 3):
        with running(user, line) as process:
            wait_for(partial(written, user, name, done), "jobs to be written", 60)
            process.kill()
            process.wait()
        with (user.folder / f"{name}.partial").open("ab") as file:
            file.write(gzip.compress(b"9,half a member")[:-9])
    again = user(*line)
    assert again.returncode == 0, again.stderr
    assert again.stderr.startswith("Going on after ")
    require_right(user, name)
    assert len(set(service.calls())) == ROWS


def test_the_api_is_away_for_longer_than_the_patience(service: Service, user: Command) -> None:
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    service.start_worker()
    api = service.start_api()
    process = at(user, api).start(*LINE, "--patience", "1")
    wait_for(lambda: entries(user), "a job to be written", 60)
    api.process.kill()
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 4
    assert said.decode().splitlines()[-2].startswith(f"Error: {api.url} does not answer: ")
    service.start_api(port=api.port)
    assert user(*LINE).returncode == 0
    require_right(user)
    assert len(service.calls()) == ROWS


def test_results_whose_stream_breaks_are_taken_up_where_it_broke(service: Service, user: Command) -> None:
    service.start_worker()
    api = service.start_api()
    with cutter(api.port) as proxy:
        user.environment["SENTIMENT_URL"] = proxy.url
        proxy.wanted = lambda head: b"/results" in head
        proxy.cuts, proxy.after = 9, 2500
        result = user("file", "in.csv", "-o", "out.csv", "-q")
        assert (result.returncode, result.stderr, proxy.made) == (0, "", 9)
        offsets = [int(found[1]) for line in proxy.requests if (found := re.search(r"results\?offset=(\d+)", line))]
    assert offsets[0] == 0
    assert len(offsets) == 10
    assert offsets == sorted(set(offsets)), "each one goes on where the one before broke"
    require_right(user)


def test_a_submission_whose_answer_is_lost_makes_one_job(service: Service, user: Command) -> None:
    service.start_worker()
    api = service.start_api()
    with cutter(api.port) as proxy:
        user.environment["SENTIMENT_URL"] = proxy.url
        proxy.wanted = lambda head: head.startswith(b"POST")
        proxy.cuts = 3
        result = user(*LINE)
        assert (result.returncode, proxy.made) == (0, 3), result.stderr
    require_right(user)
    with service.broker.client() as broker:
        jobs = [key for key in broker.scan_iter("*job:*") if key.count(b":") == 2]
    assert len(jobs) == ROWS // int(JOB_ROWS)
    assert len(service.calls()) == ROWS


def test_jobs_that_the_service_has_lost_are_submitted_again(service: Service, user: Command) -> None:
    service.hold()
    service.start_worker()
    at(user, service.start_api())
    with running(user) as process:
        wait_for(service.calls, "an inference to begin", 60)
        with service.broker.client() as broker:
            for key in broker.scan_iter("*job*"):
                broker.delete(key)
        service.release()
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said.decode()
    require_right(user)


def test_a_canceled_job_ends_it_and_the_same_line_takes_another(service: Service, user: Command) -> None:
    service.hold()
    service.start_worker()
    at(user, service.start_api())
    with running(user) as process:
        wait_for(service.calls, "an inference to begin", 60)
        first = json.loads(user("jobs", "list", "--json").stdout.splitlines()[-1])
        canceled = user("jobs", "cancel", first["id"])
        assert canceled.returncode == 0
        _, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, said.decode()) == (1, f"Error: Job {first['id']} has been canceled\n")
    service.release()
    assert user(*LINE).returncode == 0
    require_right(user)


def test_another_input_is_not_taken_for_the_same(service: Service, user: Command) -> None:
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    service.start_worker()
    at(user, service.start_api())
    with running(user) as process:
        wait_for(lambda: entries(user), "a job to be written", 60)
        interrupt(process)
    source = user.folder / "in.csv"
    whole = source.read_text()
    source.write_text(whole.replace("row 3\n", "row three\n"))
    changed = user(*LINE)
    assert changed.returncode == 1
    assert changed.stderr == (
        "Error: in.csv is not what it was when this output was begun (within rows 1 to 40); --fresh begins anew\n"
    )
    source.write_text(whole)
    other = user(*LINE, "--prefix", "x_")
    assert other.returncode == 2
    assert other.stderr == (
        "Error: out.csv was begun with another --prefix (): give that to go on, or --fresh to begin anew\n"
    )
    with (user.folder / "out.csv.journal").open("a") as journal:
        journal.write('{"rows": 40, "fail')  # a crash in the middle of a line
    with (user.folder / "out.csv.partial").open("a") as file:
        file.write("half a ro")
    assert user(*LINE).returncode == 0
    require_right(user)


def test_two_at_once_on_one_output(service: Service, user: Command) -> None:
    service.hold()
    service.start_worker()
    at(user, service.start_api())
    with running(user) as process:
        wait_for(service.calls, "an inference to begin", 60)
        second = user(*LINE)
        assert (second.returncode, second.stderr) == (1, "Error: another process is writing out.csv\n")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
    service.release()
    assert user(*LINE).returncode == 0
    require_right(user)
