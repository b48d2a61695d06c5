"""Standard streams that are closed, full, or the wrong way round; readers that go away."""

import os
import re
import signal
import subprocess

import pytest

from tests.client.answers import line_of
from tests.client.surroundings.desk import DONE, FILE, GOOD, PREDICT, RIGHT, Row, desk, require, table
from tests.support.command import SCRIPT, SECONDS, Command
from tests.support.service import Service

STDIN = "Error: stdin: Bad file descriptor"
PRINTING = (
    "predict good",
    "predict --json good",
    "file in.csv -q",
    "status",
    "status --json",
    "jobs list -q",
    "--help",
    "file --help",
    "--version",
    "completion bash",
)
UNUSABLE = {
    "closed": (">&-", "Bad file descriptor", {}),
    "only to read": ("1</dev/null", "Bad file descriptor", {}),
    "full": (">/dev/full", "No space left on device", {}),
    "full and unbuffered": (">/dev/full", "No space left on device", {"PYTHONUNBUFFERED": "1"}),
}
ROWS = {
    "stdin closed where it is not read": Row(f"{PREDICT} <&-", out=GOOD),
    "stdin closed": Row("exec sentiment predict <&-", code=1, said=STDIN),
    "stdin only to write": Row("exec sentiment predict 0>/dev/null", code=1, said=STDIN),
    "stdin closed, of a file": Row("exec sentiment file - --format csv -o out.csv <&-", code=1, said=STDIN),
    "stdin closed, of a job": Row("exec sentiment jobs submit <&-", code=1, said=STDIN),
    "stderr closed": Row(f"{PREDICT} 2>&-", out=GOOD),
    "stderr closed, to a file": Row(f"{FILE} 2>&-", makes=True),
    "stderr closed, an error": Row("exec sentiment file nowhere.csv 2>&-", code=2),
    "stderr full": Row(f"{FILE} 2>/dev/full", makes=True),
    "stderr full, an error": Row("exec sentiment file nowhere.csv 2>/dev/full", code=2),
    "all closed": Row(f"{PREDICT} <&- >&- 2>&-", code=1),
    "all closed, to a file": Row(f"{FILE} <&- >&- 2>&-", makes=True),
    "stdout closed, to a file": Row(f"{FILE} >&-", said=DONE, makes=True),
    "stdout full, to a file": Row(f"{FILE} >/dev/full", said=DONE, makes=True),
    **{
        f"stdout {state}: {line}": Row(f"exec sentiment {line} {to}", environment, 1, f"Error: stdout: {said}")
        for state, (to, said, environment) in UNUSABLE.items()
        for line in PRINTING
    },
    "an output that is full": Row(
        "exec sentiment file in.csv -o /dev/full", code=1, said="Error: /dev/full: No space left on device"
    ),
    "a link to stdout, which is a file": Row(
        "ln -s /proc/self/fd/1 link; sentiment file in.csv -o link -q > out.csv; test -L link", makes=True
    ),
    "a link to a link to stdout, which is a pipe": Row(
        "ln -s /proc/self/fd/1 link; ln -s link second; sentiment file in.csv -o second -q; test -L second",
        out=re.escape(RIGHT),
    ),
    "an output by the number of stdout": Row("exec sentiment file in.csv -o /proc/self/fd/1 -q > out.csv", makes=True),
    "an input by the name of stdin": Row(
        "exec sentiment file /dev/stdin --format csv -q < in.csv", out=re.escape(RIGHT)
    ),
    "an input that cannot be read": Row(
        "exec sentiment file /proc/self/mem --format csv", code=1, said="Error: /proc/self/mem: Input/output error"
    ),
}


@table(ROWS)
def test_streams(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


@pytest.mark.parametrize("line", PRINTING)
def test_a_reader_that_goes_away_ends_it_quietly(sentiment: Command, line: str) -> None:
    desk(sentiment)
    reader, writer = os.pipe()
    os.close(reader)
    code, said = ended(sentiment, line, stdout=writer)
    assert (code, said) == (-signal.SIGPIPE, "")


def test_a_reader_of_messages_that_goes_away_ends_nothing(sentiment: Command) -> None:
    desk(sentiment)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [SCRIPT, "file", "in.csv", "-o", "out.csv"],
        env=sentiment.environment,
        cwd=sentiment.folder,
        stderr=writer,
        timeout=SECONDS,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, (sentiment.folder / "out.csv").read_text("utf-8")) == (0, RIGHT)


def test_a_pipe_by_name_whose_reader_goes_away(shared_service: Service, sentiment: Command) -> None:
    text = "nobody reads this from the pipe"
    (sentiment.folder / "in.csv").write_text(f"text\n{text}\n")
    os.mkfifo(sentiment.folder / "pipe.csv")
    shared_service.hold(text)
    with subprocess.Popen(
        [SCRIPT, "file", "in.csv", "-o", "pipe.csv"],
        env=sentiment.environment,
        cwd=sentiment.folder,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(os.open(sentiment.folder / "pipe.csv", os.O_RDONLY))  # waits until it is open at the other end
        shared_service.release(text)
        _, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, said) == (-signal.SIGPIPE, b"")


def test_streams_that_do_not_wait(sentiment: Command) -> None:
    """As children of some programs get them: an empty pipe is not the end of the input."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with subprocess.Popen(
        [SCRIPT, "predict"], env=sentiment.environment, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        os.close(reader)
        assert process.stdout is not None
        for text in ("first", "second"):
            os.write(writer, f"{text}\n".encode())
            assert process.stdout.readline().decode() == line_of(text)
        os.close(writer)
        _, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, said) == (0, b"")


def ended(sentiment: Command, line: str, stdout: int) -> tuple[int, str]:
    done = subprocess.run(
        [SCRIPT, *line.split()],
        env=sentiment.environment,
        cwd=sentiment.folder,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=SECONDS,
        check=False,
    )
    os.close(stdout)
    return done.returncode, done.stderr.decode()
