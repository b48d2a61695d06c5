"""Parquet files: every type of value, in constant memory."""

import csv
import datetime as dt
import decimal
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from client.cli.files.formats import Format
from client.cli.files.rows import Reading, read_table
from client.cli.process.ending import CommandError
from client.cli.source import open_input
from tests.unit.client.passing import answered

TEXTS = pa.array(["good", None, "  ", "so\rso"])
EPOCH = "1970-01-01 00:00:00"
TYPES: dict[str, tuple[Any, str, Any]] = {
    "int": (pa.array([7]), "7", 7),
    "large int": (pa.array([2**63 - 1]), str(2**63 - 1), 2**63 - 1),
    "float": (pa.array([1.5]), "1.5", 1.5),
    "whole float": (pa.array([1.0]), "1.0", 1.0),
    "NaN": (pa.array([float("nan")]), "", None),
    "infinity": (pa.array([float("-inf")]), "", None),
    "bool": (pa.array([True]), "true", True),
    "null": (pa.array([None], pa.null()), "", None),
    "text": (pa.array(['a "quoted", text']), 'a "quoted", text', 'a "quoted", text'),
    "bytes that are text": (pa.array(["schön".encode()], pa.binary()), "schön", "schön"),
    "bytes that are none": (pa.array([b"\xff\0"], pa.binary()), '["ff00"]', ["ff00"]),
    "category": (pa.array(["x"]).dictionary_encode(), "x", "x"),
    "date": (pa.array([dt.date(2026, 2, 1)]), "2026-02-01", "2026-02-01"),
    "nanoseconds": (pa.array([1], pa.timestamp("ns")), f"{EPOCH}.000000001", f"{EPOCH}.000000001"),
    "zone": (pa.array([0], pa.timestamp("s", "UTC")), f"{EPOCH}.000Z", f"{EPOCH}.000Z"),
    "decimal": (pa.array([decimal.Decimal("1.10")]), "1.10", "1.10"),
    "list": (pa.array([[1, None]]), "[1, null]", [1, None]),
    "struct": (pa.array([{"a": "é", "b": float("nan")}]), '{"a": "é", "b": null}', {"a": "é", "b": None}),
    "map": (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), '[["k", 1]]', [["k", 1]]),
    "list of dates": (pa.array([[dt.date(2026, 2, 1)]]), '["2026-02-01"]', ["2026-02-01"]),
}


def stored(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "in.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def output(path: Path, to: Format, column: str | None = None) -> str:
    with open_input(str(path)) as source:
        return answered(read_table(source, Reading(Format.PARQUET, column), to), to).decode()


@pytest.mark.parametrize(("value", "cell", "json_value"), TYPES.values(), ids=TYPES)
def test_a_value_of_every_type(tmp_path: Path, value: Any, cell: str, json_value: Any) -> None:
    path = stored(tmp_path, {"text": pa.array(["good"]), "value": value})
    rows = list(csv.reader(io.StringIO(output(path, Format.CSV), newline="")))
    assert rows == [["text", "value", "label", "score"], ["good", cell, "POSITIVE", "0.75"]]
    written = json.loads(output(path, Format.NDJSON), parse_constant=pytest.fail)
    assert written == {"text": "good", "value": json_value, "label": "POSITIVE", "score": 0.75}


TEXT_COLUMNS = {
    "texts": (TEXTS, ["good", None, None, "so\rso"]),
    "large texts": (TEXTS.cast(pa.large_string()), ["good", None, None, "so\rso"]),
    "bytes": (pa.array([b"good", b"\xff"], pa.binary()), ["good", None]),
    "numbers": (pa.array([1.5, float("nan"), None]), ["1.5", None, None]),
    "truths": (pa.array([True]), [None]),
    "lists": (pa.array([["good"]]), [None]),
    "times": (pa.array([dt.date(2026, 2, 1)]), ["2026-02-01"]),
}


@pytest.mark.parametrize(("column", "texts"), TEXT_COLUMNS.values(), ids=TEXT_COLUMNS)
def test_a_column_of_texts_of_every_type(tmp_path: Path, column: Any, texts: list[str | None]) -> None:
    path = stored(tmp_path, {"review": column})
    with open_input(str(path)) as source:
        rows = list(read_table(source, Reading(Format.PARQUET), Format.CSV).rows)
        size = source.size
    assert [row.text if isinstance(row.text, str) else None for row in rows] == texts
    assert [row.number for row in rows] == [*range(1, len(texts) + 1)]
    assert rows[-1].position == size


def test_rows_of_several_batches_and_groups_stay_in_order(tmp_path: Path) -> None:
    path = stored(tmp_path, {"id": list(range(2500)), "text": [f"row {i}" for i in range(2500)]}, row_group_size=700)
    rows = list(csv.reader(io.StringIO(output(path, Format.CSV), newline="")))
    assert [row[:2] for row in rows[1:]] == [[str(i), f"row {i}"] for i in range(2500)]


def test_no_rows(tmp_path: Path) -> None:
    assert output(stored(tmp_path, {"text": pa.array([], pa.string())}), Format.CSV) == "text,label,score\n"


def test_columns_are_told_as_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), path)
    with pytest.raises(CommandError, match="columns 1 and 2 have one name, 'text': say --column 1 or 2"):
        output(path, Format.CSV)
    assert output(path, Format.CSV, "2") == "text,text,label,score\na,b,POSITIVE,0.75\n"
    with pytest.raises(CommandError, match="a JSON object has a key once"):
        output(path, Format.NDJSON, "2")
    with pytest.raises(CommandError, match="there is a column 'label' already"):
        output(stored(tmp_path, {"text": ["a"], "label": ["b"]}), Format.NDJSON)


@pytest.mark.parametrize("cut", [0, 4, 100, -20, -200])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, cut: int) -> None:
    path = stored(tmp_path, {"text": [f"row {i}" for i in range(5000)]})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CommandError, match="is not Parquet, or damaged"):
        output(path, Format.CSV)


def test_damage_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    path = stored(tmp_path, {"text": [f"row {i}" for i in range(5000)]}, compression="gzip")
    data = bytearray(path.read_bytes())
    data[1000:1400] = b"\xff" * 400
    path.write_bytes(data)
    with pytest.raises(CommandError, match=r"in\.parquet is damaged"):
        output(path, Format.CSV)


def test_a_packed_one_is_one_sentence(tmp_path: Path) -> None:
    path = stored(tmp_path, {"text": ["a"]}).rename(tmp_path / "in.parquet.gz")
    with pytest.raises(CommandError, match="neither packed nor from a pipe"):
        output(path, Format.CSV)


def test_without_pyarrow_the_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path, {"text": ["a"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"^Parquet files need another package: pip install pyarrow$") as caught:
        output(path, Format.CSV)
    assert caught.value.code == 2


SMALL, LARGE = 50_000, 300_000
GROWTH_MIB = 8
MEASURE = """
import re, sys
from client.cli.files.formats import Format
from client.cli.files.rows import Reading, read_table
from client.cli.source import open_input

with open_input(sys.argv[1]) as source:
    rows = sum(1 for _ in read_table(source, Reading(Format.PARQUET), Format.NDJSON).rows)
print(rows, re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def test_memory_does_not_grow_with_a_row_group(tmp_path: Path) -> None:
    peaks = []
    for rows in (SMALL, LARGE):
        path = stored(tmp_path, {"text": [f"{i:0200}" for i in range(rows)]}, row_group_size=rows, use_dictionary=False)
        done = subprocess.run([sys.executable, "-c", MEASURE, path], stdout=subprocess.PIPE, check=True)
        read, peak = map(int, done.stdout.split())
        assert read == rows
        peaks.append(peak / 1024)
    print(f"peak memory: {peaks[0]:.0f} MiB for {SMALL:,} rows, {peaks[1]:.0f} MiB for {LARGE:,}")
    assert peaks[1] < peaks[0] + GROWTH_MIB
