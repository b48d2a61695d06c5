"""Folders and disks: missing, read-only, full, gone."""

import pytest

from tests.client.surroundings.desk import FILE, GOOD, PREDICT, RIGHT, Row, desk, require, require_plain, run, table
from tests.support.command import Command
from tests.support.missing import missing

GONE = "mkdir gone; cd gone; rmdir ../gone;"
PLACES = {
    "no such folder": Row(
        "exec sentiment file in.csv -o none/out.csv",
        code=1,
        said=r"Error: none/out\.csv\.partial: No such file or directory",
    ),
    "a folder that cannot be written": Row(
        "exec sentiment file in.csv -o /sys/out.csv",
        code=1,
        said=r"Error: /sys/out\.csv\.partial: (Permission denied|Read-only file system)",
    ),
    "a folder as the output": Row(
        "mkdir folder.csv; exec sentiment file in.csv -o folder.csv", code=2, said="Usage.*'folder.csv' is a directory."
    ),
    "a folder as the input": Row(
        "mkdir folder.csv; exec sentiment file folder.csv", code=2, said="Usage.*'folder.csv' is a directory."
    ),
    "a folder in the place of the journal": Row(
        f"mkdir out.csv.journal; {FILE}", code=1, said=r"Error: out\.csv\.journal: Is a directory"
    ),
    "a folder in the place of the rows": Row(
        f"mkdir out.csv.partial; {FILE}", code=1, said=r"Error: out\.csv\.partial: Is a directory"
    ),
    "nonsense in the place of the journal": Row(
        r"printf '\xff\x00\n{\n' > out.csv.journal; printf '{\"format\": 2}\n' > other.csv.journal;"
        f"sentiment file in.csv -o other.csv -q; {FILE} -q",
        makes=True,
    ),
    "a name that is too long": Row(
        f"exec sentiment file in.csv -o {'x' * 250}.csv", code=1, said=r"Error: x+\.csv\.partial: File name too long"
    ),
    "a link": Row(
        "touch there.csv; ln -s there.csv out.csv; sentiment file in.csv -o out.csv -q; test -L out.csv", makes=True
    ),
    "a link to a file that is not there yet": Row(
        "ln -s there.csv out.csv; sentiment file in.csv -o out.csv -q; test -L out.csv", makes=True
    ),
    "a link to itself": Row(
        "ln -s loop.csv loop.csv; exec sentiment file in.csv -o loop.csv", said=r"2 rows, [\d.]+ s: \S*loop\.csv"
    ),
    "a working directory that is gone": Row(f"{GONE} {PREDICT}", out=GOOD),
    "a file in a working directory that is gone": Row(
        f"here=$PWD; {GONE} exec sentiment file $here/in.csv -o x.csv",
        code=1,
        said=r"Error: x\.csv: No such file or directory",
    ),
    "a limit of the size of files": Row(
        f"ulimit -f 0; {FILE}", code=1, said=r"Error: out\.csv(\.partial|\.journal)?: File too large"
    ),
    "few open files": Row(f"ulimit -n 12; {PREDICT}", out=GOOD),
}


@table(PLACES)
def test_places(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


DISK = "mkdir -p disk; mount -t tmpfs -o size=64k none disk;"


@pytest.fixture
def mounting(sentiment: Command) -> Command:
    """Lines may mount things, in a namespace of their own."""
    desk(sentiment)
    if run(sentiment, f"exec unshare -Urm bash -c '{DISK}'", {})[0]:
        missing("unshare and tmpfs")
    return sentiment


def test_a_full_disk_and_the_same_line_again(mounting: Command) -> None:
    rows = [f"{i},text {i % 7}" for i in range(6000)]
    (mounting.folder / "in.csv").write_text("\n".join(["id,text", *rows]) + "\n", "utf-8")
    line = "sentiment file in.csv -o disk/out.csv --job-rows 1000 -q; echo $?"
    again = f"{DISK} {line}; ls disk; mount -o remount,size=2m disk; {line}; ls disk; wc -l < disk/out.csv"
    code, out, said = run(mounting, f"exec unshare -Urm bash -c '{again}'", {})
    require_plain(said)
    assert (code, said) == (0, "Error: disk/out.csv: No space left on device\n")
    assert out.split() == ["1", "out.csv.journal", "out.csv.partial", "0", "out.csv", "6001"]


def test_a_disk_that_is_full_from_the_beginning(mounting: Command) -> None:
    fill = "cat /dev/zero > disk/zero 2> /dev/null;"
    script = f"{DISK} {fill} sentiment file in.csv -o disk/out.csv -q; echo $?; rm disk/zero; ls disk"
    code, out, said = run(mounting, f"exec unshare -Urm bash -c '{script}'", {})
    require_plain(said)
    assert (code, said.startswith("Error: disk/out.csv")) == (0, True)
    assert said.endswith("No space left on device\n")
    assert out == "1\n"


def test_a_disk_that_cannot_be_written(mounting: Command) -> None:
    script = f"{DISK} mount -o remount,ro disk; sentiment file in.csv -o disk/out.csv; echo $?"
    _, out, said = run(mounting, f"exec unshare -Urm bash -c '{script}'", {})
    assert (out, said) == ("1\n", "Error: disk/out.csv.partial: Read-only file system\n")


def test_a_home_on_a_full_disk(mounting: Command) -> None:
    fill = "cat /dev/zero > disk/zero 2> /dev/null;"
    script = f"{DISK} {fill} export XDG_STATE_HOME=$PWD/disk HOME=$PWD/disk; sentiment file in.csv -q; echo $?"
    _, out, said = run(mounting, f"exec unshare -Urm bash -c '{script}'", {})
    assert (out, said) == (f"{RIGHT}0\n", "")
