"""``sentiment file`` on files that are packed, and on Parquet, as users run it."""

import csv
import gzip
import io
import json
import subprocess
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.client.answers import fields_of
from tests.support.command import Command

TABLE = "id,text\r\n1,good\r\n2,a bore\r\n"
RIGHT = "id,text,label,score\r\n" + "".join(
    f"{i},{','.join([text, *fields_of(text)])}\r\n" for i, text in [(1, "good"), (2, "a bore")]
)


def write(sentiment: Command, name: str, data: bytes) -> Path:
    path = sentiment.folder / name
    path.write_bytes(data)
    return path


def test_in_and_out_by_name(sentiment: Command) -> None:
    write(sentiment, "in.csv.gz", gzip.compress(TABLE.encode()))
    for name in ("out.csv.gz", "OUT.CSV.GZ", "out.gz"):
        result = sentiment("file", "in.csv.gz", "-o", name, "--job-rows", "1")
        assert result.returncode == 0, result.stderr
        packed = (sentiment.folder / name).read_bytes()
        assert gzip.decompress(packed).decode() == RIGHT
    unpacked = subprocess.run(["/usr/bin/gzip", "-dc", "out.gz"], cwd=sentiment.folder, capture_output=True, check=True)
    assert unpacked.stdout.decode() == RIGHT
    assert sentiment("file", "in.csv.gz").stdout == RIGHT, "stdout is never packed"
    again = sentiment("file", "out.csv.gz", "--prefix", "x_", "-o", "again.ndjson.gz")
    assert again.returncode == 0, again.stderr
    lines = gzip.decompress((sentiment.folder / "again.ndjson.gz").read_bytes()).splitlines()
    assert [json.loads(line)["x_label"] for line in lines] == [fields_of(text)[0] for text in ("good", "a bore")]


def test_nothing_is_a_whole_file_too(sentiment: Command) -> None:
    assert sentiment("file", "-", "--format", "ndjson", "-o", "none.ndjson.gz").returncode == 0
    subprocess.run(["/usr/bin/gzip", "-t", "none.ndjson.gz"], cwd=sentiment.folder, check=True)
    assert gzip.decompress((sentiment.folder / "none.ndjson.gz").read_bytes()) == b""


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_members_and_padding_are_read(sentiment: Command, size: int) -> None:
    data = TABLE.encode()
    members = b"".join(gzip.compress(data[at : at + size]) for at in range(0, len(data), size))
    write(sentiment, "in.csv.gz", members + b"\0" * 20)
    assert sentiment("file", "in.csv.gz").stdout == RIGHT


WHOLE = gzip.compress("".join(f"{i},row {i}\n" for i in range(-1, 60_000)).replace("-1,row -1", "id,text").encode())
DAMAGED = {
    "cut off": (WHOLE[:-100], 1, "in.csv.gz is cut off: its last bytes are missing"),
    "cut off in the last bytes": (WHOLE[:-1], 1, "in.csv.gz is cut off: its last bytes are missing"),
    "cut off in the first bytes": (WHOLE[:5], 1, "in.csv.gz is cut off: its last bytes are missing"),
    "another checksum": (WHOLE[:-8] + b"abcdefgh", 1, "in.csv.gz is not packed by gzip, or damaged"),
    "damage in the middle": (
        WHOLE[:5000] + b"\xff" * 50 + WHOLE[5050:],
        1,
        "in.csv.gz is not packed by gzip, or damaged",
    ),
    "something behind": (gzip.compress(TABLE.encode()) + b"more", 1, "in.csv.gz is not packed by gzip, or damaged"),
    "not packed": (TABLE.encode(), 1, "in.csv.gz is not packed by gzip, or damaged"),
    "packed by zlib": (zlib.compress(TABLE.encode()), 1, "in.csv.gz is not packed by gzip, or damaged"),
    "empty": (b"", 2, "in.csv.gz is empty: it has no line that names the columns"),
    "packed twice": (gzip.compress(gzip.compress(TABLE.encode())), 2, "in.csv.gz is packed by gzip: unpack it"),
}


@pytest.mark.parametrize(("data", "code", "sentence"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_one_is_one_sentence(sentiment: Command, data: bytes, code: int, sentence: str) -> None:
    write(sentiment, "in.csv.gz", data)
    result = sentiment("file", "in.csv.gz", "-o", "out.csv", "-q")
    assert (result.returncode, result.stderr.splitlines()) == (code, [f"Error: {result.stderr[7:].strip()}"])
    assert result.stderr.startswith(f"Error: {sentence}")
    assert not (sentiment.folder / "out.csv").exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\3\4\x14\0\6\0\x08\0\0\0!\0", "a.csv is a spreadsheet or a zip archive: save it as CSV, or unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.csv is a document of Excel or Word: save it as CSV"),
        (
            gzip.compress(TABLE.encode(), mtime=0),
            "a.csv is packed by gzip: unpack it, or give it a name that ends in .gz",
        ),
    ],
)
def test_what_is_no_text_under_a_wrong_name(sentiment: Command, data: bytes, sentence: str) -> None:
    write(sentiment, "a.csv", data)
    result = sentiment("file", "a.csv")
    assert (result.returncode, result.stderr) == (2, f"Error: {sentence}\n")


def test_lines_for_a_job_may_be_packed(sentiment: Command) -> None:
    write(sentiment, "in.txt.gz", gzip.compress(b"good\na bore\n", mtime=0))
    job = sentiment("jobs", "submit", "in.txt.gz").stdout.strip()
    assert sentiment("jobs", "wait", job).returncode == 0
    assert sentiment("jobs", "results", job).stdout.split() == [*fields_of("good"), *fields_of("a bore")]


def test_parquet(sentiment: Command) -> None:
    pq.write_table(pa.table({"id": [1, 2], "text": ["good", None]}), sentiment.folder / "in.parquet")
    result = sentiment("file", "in.parquet", "-o", "out.csv", "--errors")
    assert result.returncode == 3, result.stderr
    written = list(csv.reader(io.StringIO((sentiment.folder / "out.csv").read_text())))
    assert written == [
        ["id", "text", "label", "score", "error"],
        ["1", "good", *fields_of("good"), ""],
        ["2", "", "", "", "no-text: The row has no text."],
    ]
    data = (sentiment.folder / "in.parquet").read_bytes()
    piped = sentiment("file", "-", "--format", "parquet", stdin=data)
    assert (piped.returncode, piped.stderr) == (
        2,
        "Error: stdin: Parquet is read from a file alone, neither packed nor from a pipe\n",
    )


def test_parquet_without_its_package(sentiment: Command) -> None:
    pq.write_table(pa.table({"text": ["good"]}), sentiment.folder / "in.parquet")
    (sentiment.folder / "pyarrow.py").write_text("raise ImportError\n")
    result = sentiment("file", "in.parquet", PYTHONPATH=str(sentiment.folder))
    assert (result.returncode, result.stderr) == (2, "Error: Parquet files need another package: pip install pyarrow\n")
