"""A line of bash in its surroundings, and its end."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.client.answers import fields_of, line_of
from tests.support.command import SCRIPT, SECONDS, Command

BASH = shutil.which("bash") or "/bin/bash"
TABLE = "id,text\n1,good\n2,schön\n"
RIGHT = "id,text,label,score\n" + "".join(
    f"{i},{','.join([text, *fields_of(text)])}\n" for i, text in [(1, "good"), (2, "schön")]
)
PREDICT = "exec sentiment predict good"
FILE = "exec sentiment file in.csv -o out.csv"
GOOD = re.escape(line_of("good"))
DONE = r"2 rows, [\d.]+ s: out\.csv"


@dataclass(frozen=True)
class Row:
    """A line, and its end.

    Args:
        line: bash.
        environment: variables; None unsets one.
        code: exit code.
        said: pattern of all of stderr, but for the last line end.
        out: pattern of all of stdout.
        makes: whether ``out.csv`` holds the table with its answers at the end; else there is none.
    """

    line: str
    environment: Mapping[str, str | None] = field(default_factory=dict)
    code: int = 0
    said: str = ""
    out: str = ""
    makes: bool = False


def table(rows: Mapping[str, Row]) -> pytest.MarkDecorator:
    """Run a test for each row."""
    return pytest.mark.parametrize("row", rows.values(), ids=rows)


def require(sentiment: Command, row: Row) -> None:
    """Run a row, with files in the folder and the command on the path."""
    desk(sentiment)
    code, out, said = run(sentiment, row.line, row.environment)
    require_plain(said)
    assert (code, bool(re.fullmatch(row.said, said.removesuffix("\n"), re.DOTALL))) == (row.code, True), said
    assert re.fullmatch(row.out, out, re.DOTALL), out
    made = sentiment.folder / "out.csv"
    assert (made.read_text("utf-8") if made.exists() else None) == (RIGHT if row.makes else None)


def desk(sentiment: Command) -> None:
    """Put files into the folder, and the command on the path."""
    (sentiment.folder / "in.csv").write_text(TABLE, "utf-8")
    sentiment.environment["PATH"] = f"{SCRIPT.parent}:{sentiment.environment['PATH']}"


def require_plain(said: str) -> None:
    """Refuse a traceback, and that which Python says of streams and of exceptions that nobody can catch."""
    assert not re.search("Traceback|Exception ignored|Error in atexit", said), said


def run(sentiment: Command, line: str, environment: Mapping[str, str | None]) -> tuple[int, str, str]:
    """Run a line of bash to its end; return exit code, stdout and stderr."""
    merged = {name: value for name, value in _merged(sentiment.environment, environment) if value is not None}
    done = subprocess.run(
        [BASH, "-c", line],
        env=merged,
        cwd=sentiment.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _merged(usual: Mapping[str, str], own: Mapping[str, str | None]) -> Iterable[tuple[str, str | None]]:
    yield from ((name, value) for name, value in usual.items() if name not in own)
    yield from own.items()
