"""Names of files, and the formats that they mean."""

import pytest

from client.cli.files.formats import Format, input_format, output_format
from client.cli.process.ending import CommandError

READ = {
    "a.csv": "csv",
    "A.CSV": "csv",
    "a.b.tsv": "tsv",
    "a.tab": "tsv",
    "a.txt": "txt",
    "a.jsonl": "ndjson",
    "a.csv.gz": "csv",
    "A.NDJSON.GZ": "ndjson",
    "a.parquet": "parquet",
    "a.pq": "parquet",
}
REFUSED = {
    "a.xlsx": "is a spreadsheet: save it as CSV in UTF-8",
    "A.XLS": "is a spreadsheet: save it as CSV in UTF-8",
    "a.ods": "is a spreadsheet: save it as CSV in UTF-8",
    "a.csv.zip": "is packed in a way that is not read: unpack it",
    "a.csv.zst": "is packed in a way that is not read: unpack it",
    "a.xlsx.gz": "is a spreadsheet",
    "a.json": "is one JSON document",
    "a": "say with --format csv, tsv, txt, ndjson, parquet",
    "a.gz": "say with --format",
    ".csv": "say with --format",
    "-": "say with --format",
}
WRITTEN = [
    ("-", Format.CSV, "csv"),
    ("out", Format.TSV, "tsv"),
    ("out.gz", Format.NDJSON, "ndjson"),
    ("out.ndjson.gz", Format.CSV, "ndjson"),
    ("out.txt", Format.TXT, "csv"),
    ("out.csv", Format.PARQUET, "csv"),
    ("-", Format.PARQUET, "csv"),
    ("out.jsonl", Format.PARQUET, "ndjson"),
]


@pytest.mark.parametrize(("name", "kind"), READ.items())
def test_a_name_tells_the_format(name: str, kind: str) -> None:
    assert input_format(None, name) == kind
    assert input_format("txt", name) == "txt"


@pytest.mark.parametrize(("name", "sentence"), REFUSED.items())
def test_a_name_that_does_not_is_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        input_format(None, name)
    assert caught.value.code == 2
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "source", "kind"), WRITTEN)
def test_the_output_is_as_its_name_says(name: str, source: Format, kind: str) -> None:
    assert output_format(None, name, source) == kind


@pytest.mark.parametrize("name", ["out.xlsx", "out.parquet", "out.zip", "out.csv.zst", "out.json"])
def test_an_output_that_cannot_be_written(name: str) -> None:
    with pytest.raises(CommandError, match=r"csv, tsv and ndjson are written, each also as \.gz"):
        output_format(None, name, Format.CSV)
    assert output_format("csv", name, Format.CSV) == "csv"
