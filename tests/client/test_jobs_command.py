"""``sentiment jobs``, ``status`` and ``completion``."""

import json
import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.client.answers import fields_of
from tests.support.command import SCRIPT, SECONDS, Command, interrupt
from tests.support.jobs import submit
from tests.support.scrape import total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for


def test_a_job_from_submission_to_results(sentiment: Command) -> None:
    submitted = sentiment("jobs", "submit", stdin="good\nraise-error\nfine\n")
    job = submitted.stdout.strip()
    assert re.fullmatch("[a-z2-7]{32}", job)
    waited = sentiment("jobs", "wait", job)
    assert (waited.returncode, waited.stderr) == (0, "")
    shown = json.loads(sentiment("jobs", "show", job, "--json").stdout)
    assert (shown["id"], shown["status"], shown["done"], shown["total"]) == (job, "succeeded", 3, 3)
    assert re.search(r"^status +succeeded$", waited.stdout, re.MULTILINE)
    results = sentiment("jobs", "results", job)
    assert results.returncode == 3
    good, bad, fine = results.stdout.splitlines()
    assert [good.split("\t"), bad, fine.split("\t")] == [
        fields_of("good"),
        "ERROR\tinference-failed",
        fields_of("fine"),
    ]
    last = sentiment("jobs", "results", job, "--offset", "2", "--json")
    assert (last.returncode, json.loads(last.stdout)["label"]) == (0, fields_of("fine")[0])
    ended = sentiment("jobs", "cancel", job)
    assert (ended.returncode, ended.stderr.startswith("Error: Job has ended")) == (1, True)


def test_the_list_is_what_this_user_submitted_here(api: Api, sentiment: Command) -> None:
    empty = sentiment("jobs", "list")
    assert empty.stdout == f"No jobs of {api.url} are remembered.\n"
    foreign = submit(api, ["not mine"]).json()["id"]
    (sentiment.folder / "mine.txt").write_text("mine\n")
    job = sentiment("jobs", "submit", "mine.txt", "--key", "mine").stdout.strip()
    assert sentiment("jobs", "submit", "mine.txt", "--key", "mine").stdout.strip() == job
    listed = sentiment("jobs", "list")
    heads, line = listed.stdout.splitlines()
    assert heads.split() == ["id", "status", "done", "of", "submitted", "from"]
    assert (line.split()[0], line.split()[-1]) == (job, "mine.txt")
    assert foreign not in listed.stdout
    assert listed.stderr == (
        f"Submitted by you on this machine ({sentiment.folder}/state/sentiment/jobs); the service keeps no list.\n"
    )
    remembered = sentiment.folder / "state" / "sentiment" / "jobs"
    unknown = "ag" + "a" * (len(job) - 2)
    (remembered / f"{unknown}.json").write_text((remembered / f"{job}.json").read_text().replace(job, unknown))
    for _ in range(2):
        relisted = sentiment("jobs", "list")
        assert f"{unknown}  unknown" in relisted.stdout, "what is unknown with this key may be known with another"
        assert relisted.stderr.startswith("unknown: the service does not know it, or it was submitted with another")
    assert remembered.stat().st_mode & 0o777 == 0o700
    (remembered / "broken.json").write_text("{")
    again = sentiment("jobs", "list", "--json").stdout.splitlines()
    assert [json.loads(entry)["id"] for entry in again] == [job]
    assert sentiment("jobs", "list", "-q", XDG_STATE_HOME="/proc/nowhere").returncode == 0
    assert sentiment("jobs", "submit", "mine.txt", XDG_STATE_HOME="/proc/nowhere").returncode == 0


def test_what_is_no_job(sentiment: Command) -> None:
    for name in ("show", "wait", "cancel", "results"):
        result = sentiment("jobs", name, "nonsense")
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith(
            "Error: No such job: Its id is wrong, or it is another client's. (404, request "
        )


def test_waiting_and_canceling(service: Service, tmp_path: Path) -> None:
    service.hold()
    service.start_worker()
    sentiment = Command(service.start_api().url, tmp_path)
    job = sentiment("jobs", "submit", stdin="held\n").stdout.strip()
    impatient = sentiment("jobs", "wait", job, "--within", "0.5")
    assert (impatient.returncode, impatient.stderr) == (4, f"Error: Job {job} has not ended after 0.5 s\n")
    waiting = sentiment.start("jobs", "wait", job)
    wait_for(service.calls, "the job to begin")
    assert sentiment("jobs", "cancel", job).returncode == 0
    out, _ = waiting.communicate(timeout=SECONDS)
    assert (waiting.returncode, b"canceled" in out) == (1, True)
    nothing = sentiment("jobs", "results", job)
    assert (nothing.returncode, nothing.stdout) == (3, "NONE\t\n")


def test_an_option_before_the_command_is_told_its_place(sentiment: Command) -> None:
    result = sentiment("--url", "http://127.0.0.1:1", "predict", "x")
    assert result.returncode == 2
    assert "--url stands behind the command: sentiment predict --url" in result.stderr


def test_jobs_whose_time_is_over_are_forgotten(service: Service, tmp_path: Path) -> None:
    service.start_worker(job_ttl="1")
    sentiment = Command(service.start_api(job_ttl="1").url, tmp_path)
    assert sentiment("jobs", "submit", stdin="soon gone\n").returncode == 0
    wait_for(lambda: sentiment("jobs", "list").stdout.startswith("No jobs of"), "the job to be forgotten")
    assert not list((tmp_path / "state" / "sentiment" / "jobs").iterdir())


def test_status(service: Service, tmp_path: Path) -> None:
    api = service.start_api()
    sentiment = Command(api.url, tmp_path)
    assert sentiment("status").returncode == 1
    assert "none is live" in sentiment("status").stdout
    service.start_worker()
    wait_for(api.healthy, "the service to be healthy")
    service.hold()
    submit(api, [f"waiting {i}" for i in range(500)])
    wait_for(service.calls, "the job to begin")
    # What the service tells of itself may be a second old.
    wait_for(lambda: "open jobs 1" in sentiment("status").stdout, "the job to be told")
    screen = sentiment("status")
    assert screen.returncode == 0
    assert screen.stdout.startswith(f"{api.url}/project   everything works\nservice 0.1.0, client 0.1.0\n")
    assert re.search(r"^bulk +2 +", screen.stdout, re.MULTILINE)
    assert re.search(r"^open jobs 1, model [0-9a-f]{16}, API processes \d$", screen.stdout, re.MULTILINE)
    assert re.search(r"^engines steered by-files in 2$", screen.stdout, re.MULTILINE)
    told = json.loads(sentiment("status", "--json").stdout)
    assert told["engines"] == [{"name": "steered", "variant": "by-files", "workers": 2}]
    assert (told["ok"], told["version"], told["stats"]["jobs"], told["stats"]["points"]) == (True, "0.1.0", 1, [])
    bulk = told["stats"]["lanes"]["bulk"]
    assert bulk["tokens"] == total(api.url, "sentiment_backlog_tokens", lane="bulk") > 0
    assert bulk["items"] == total(api.url, "sentiment_backlog_items", lane="bulk")
    assert told["stats"]["lanes"]["interactive"]["workers"] == 2
    assert re.search(r"^broker +ok +\d+ MiB", screen.stdout, re.MULTILINE)
    service.release()
    api.predict("asked once").raise_for_status()
    wait_for(lambda: "% hits" in sentiment("status").stdout, "the last minute to be told")
    last_minute = sentiment("status").stdout
    assert re.search(r"^last minute +\d+\.\d requests/s, \d+% hits$", last_minute, re.MULTILINE)
    assert re.search(r"^ +503: 0, 504: 0, 500: 0$", last_minute, re.MULTILINE)
    with service.broker.client() as broker:
        broker.config_set("maxmemory-policy", "allkeys-lru")
    wait_for(lambda: "warning: " in sentiment("status").stdout, "the warning to be shown")


def test_watching_until_ctrl_c(api: Api, sentiment: Command) -> None:
    process = sentiment.start("status", "--watch", "--every", "0.1", "--json")
    assert process.stdout is not None
    states = [json.loads(process.stdout.readline()) for _ in range(3)]
    assert all(state["url"] == api.url for state in states)
    assert interrupt(process) == ""


def test_status_where_nothing_answers(sentiment: Command) -> None:
    result = sentiment("status", "--url", "http://127.0.0.1:1")
    assert (result.returncode, result.stdout) == (4, "http://127.0.0.1:1 does not answer: Connection refused\n")


def test_a_progress_bar_only_on_a_terminal(sentiment: Command) -> None:
    (sentiment.folder / "in.txt").write_text("".join(f"bar {i}\n" for i in range(300)))
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [SCRIPT, "file", "in.txt", "-o", "out.csv", "--job-rows", "100"],
            env=sentiment.environment | {"COLUMNS": "100", "TERM": "xterm"},
            cwd=sentiment.folder,
            stderr=slave,
        )
        os.close(slave)
        shown = b""
        try:
            while data := terminal.read(4096):
                shown += data
        except OSError:  # how Linux says that nobody has the terminal open any longer
            pass
        assert process.wait(60) == 0
    assert b"100%" in shown
    assert b"300 rows" in shown
    assert b"\x1b" not in sentiment("file", "in.txt", "-o", "out.csv").stderr.encode()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(sentiment: Command, shell: str) -> None:
    script = sentiment("completion", shell)
    assert (script.returncode, script.stderr) == (0, "")
    assert f"_SENTIMENT_COMPLETE={shell}_complete" in script.stdout


def test_bash_completes_commands_and_jobs(sentiment: Command) -> None:
    job = sentiment("jobs", "submit", stdin="complete me\n").stdout.strip()
    assert completed_by_bash(sentiment, "sentiment", "st") == ["status"]
    assert completed_by_bash(sentiment, "sentiment", "jobs", "show", job[:20]) == [job]
    assert "--column" in completed_by_bash(sentiment, "sentiment", "file", "--co")


def completed_by_bash(sentiment: Command, *words: str) -> list[str]:
    """Press Tab at the end of a line."""
    line = (
        'eval "$(sentiment completion bash)"; '
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        '_sentiment_completion sentiment; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = {"PATH": f"{SCRIPT.parent}:{os.environ['PATH']}"}
    result = subprocess.run(
        [shutil.which("bash") or "bash", "-c", line],
        env=sentiment.environment | path,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.split()
