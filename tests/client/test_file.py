"""``sentiment file`` on files that are well: every format, rows in order, columns kept, computed once."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.client.answers import fields_of
from tests.support.command import Command
from tests.support.scrape import total
from tests.support.service import Api, Service


def write(sentiment: Command, name: str, text: str, encoding: str = "utf-8") -> None:
    (sentiment.folder / name).write_bytes(text.encode(encoding))


def records(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_columns_are_kept_and_rows_stay_in_order(sentiment: Command) -> None:
    rows = [[str(i), f'review {i}, "quoted"\nand broken', f"note {i}"] for i in range(300)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["id", "review", "note"], *rows])
    write(sentiment, "reviews.csv", buffer.getvalue())
    result = sentiment("file", "reviews.csv", "--column", "review", "-o", "out.csv", "--job-rows", "70")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert re.fullmatch(r"300 rows, [\d.]+ s: out\.csv\n", result.stderr)
    written = records((sentiment.folder / "out.csv").read_text())
    assert written[0] == ["id", "review", "note", "label", "score"]
    assert written[1:] == [[*row, *fields_of(row[1])] for row in rows]
    assert sorted(path.name for path in sentiment.folder.glob("out*")) == ["out.csv"]


def test_twice_is_computed_once(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    api = service.start_api()
    sentiment = Command(api.url, tmp_path)
    texts = [f"once {i}" for i in range(150)]
    write(sentiment, "texts.txt", "\n".join(texts))
    line = ("file", "texts.txt", "-o", "out.csv", "--job-rows", "60")
    assert sentiment(*line).returncode == 0
    first, jobs = (tmp_path / "out.csv").read_bytes(), job_ids(sentiment)
    assert sentiment(*line).returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == first
    assert job_ids(sentiment) == jobs
    assert len(jobs) == 3
    assert len(service.calls()) == 150
    assert total(api.url, "sentiment_jobs_open") == 0
    fresh = sentiment(*line, "--fresh")
    assert fresh.returncode == 0
    assert len(job_ids(sentiment)) == 6, "jobs of its own"
    assert len(service.calls()) == 150, "whose texts are cached"


def job_ids(sentiment: Command) -> set[str]:
    lines = sentiment("jobs", "list", "--json").stdout.splitlines()
    return {json.loads(line)["id"] for line in lines}


def test_tsv_txt_and_ndjson(sentiment: Command) -> None:
    write(sentiment, "a.tsv", "text\tn\nfirst, one\t1\nsecond\t2\n")
    tsv = sentiment("file", "a.tsv")
    assert records(tsv.stdout, "\t") == [
        ["text", "n", "label", "score"],
        ["first, one", "1", *fields_of("first, one")],
        ["second", "2", *fields_of("second")],
    ]
    txt = sentiment("file", "-", "--format", "txt", stdin="one line\n\nthe third\n")
    assert txt.returncode == 3
    assert records(txt.stdout) == [
        ["text", "label", "score"],
        ["one line", *fields_of("one line")],
        ["", "", ""],
        ["the third", *fields_of("the third")],
    ]
    assert "row 2: no-text: The row has no text." in txt.stderr
    write(sentiment, "a.jsonl", '{"id": 1.10, "body": "caf\\u00e9"}\n\n{"body": 17, "more": [1, 2]}\n{"body": null}\n')
    ndjson = sentiment("file", "a.jsonl", "--column", "body")
    assert ndjson.returncode == 3
    first, second, third = ndjson.stdout.splitlines()
    assert first.startswith('{"id": 1.10, "body": "caf\\u00e9", "label": ')
    assert [json.loads(first)["label"], repr(json.loads(first)["score"])] == fields_of("café")
    assert json.loads(second) | {"body": 17, "more": [1, 2]} == json.loads(second)
    assert [json.loads(second)["label"], repr(json.loads(second)["score"])] == fields_of("17")
    assert json.loads(third) == {
        "body": None,
        "error": {"code": "no-text", "detail": "The row has no text."},
    }
    assert "row 3: no-text" in ndjson.stderr


def test_one_format_into_another(sentiment: Command) -> None:
    write(sentiment, "a.csv", 'text,n\n"a, b",1\n')
    assert sentiment("file", "a.csv", "-o", "a.tsv").returncode == 0
    assert (sentiment.folder / "a.tsv").read_text() == "\t".join(["text", "n", "label", "score"]) + "\n" + "\t".join(
        ["a, b", "1", *fields_of("a, b")]
    ) + "\n"
    lines = sentiment("file", "a.csv", "--to", "ndjson").stdout.splitlines()
    assert [json.loads(line)["n"] for line in lines] == ["1"]
    write(sentiment, "b.ndjson", '{"text": "x"}\n')
    refused = sentiment("file", "b.ndjson", "-o", "b.csv")
    assert (refused.returncode, "written as NDJSON only" in refused.stderr) == (2, True)


def test_what_excel_writes(sentiment: Command) -> None:
    write(sentiment, "marked.csv", "\ufefftext;n\r\nschön;1\r\n")
    result = sentiment("file", "marked.csv", "--delimiter", ";", "-o", "out.csv")
    assert result.returncode == 0, result.stderr
    written = (sentiment.folder / "out.csv").read_bytes().decode()
    assert written == f"\ufefftext;n;label;score\r\nschön;1;{';'.join(fields_of('schön'))}\r\n"
    write(sentiment, "wide.csv", "text,n\nschön,1\n", "utf-16")
    assert records(sentiment("file", "wide.csv").stdout)[1] == ["schön", "1", *fields_of("schön")]
    write(sentiment, "old.csv", "text,n\nschön,1\n", "cp1252")
    assert records(sentiment("file", "old.csv", "--encoding", "cp1252").stdout)[1][0] == "schön"


def test_delimiters(sentiment: Command) -> None:
    write(sentiment, "a.csv", "text;n\na, b;1\n")
    assert sentiment("file", "a.csv", "--delimiter", ";").stdout.startswith("text;n;label;score\na, b;1;")
    assert sentiment("file", "a.csv", "--delimiter", ";", "--to", "tsv").stdout.startswith("text\tn\tlabel\tscore\n")
    write(sentiment, "b.csv", "text\tn\na, b\t1\n")
    assert sentiment("file", "b.csv", "--delimiter", "\\t").stdout.startswith("text\tn\tlabel\tscore\na, b\t1\t")
    for wrong in ("", ";;", '"', "\n", "\ufeff"):
        refused = sentiment("file", "a.csv", "--delimiter", wrong)
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)


def test_quote_marks_as_they_are(sentiment: Command) -> None:
    write(sentiment, "raw.tsv", 'text\tn\n"half a quote\t1\nplain\t2\n')
    broken = sentiment("file", "raw.tsv")
    assert (broken.returncode, "--no-quotes" in broken.stderr) == (1, True)
    raw = sentiment("file", "raw.tsv", "--no-quotes", "--to", "ndjson")
    assert [json.loads(line)["text"] for line in raw.stdout.splitlines()] == ['"half a quote', "plain"]


def test_rows_that_fail_have_no_label(sentiment: Command) -> None:
    rows = ["fine", "raise-error", "x" * 10_001, "x" * 120_000, "also fine"]
    write(sentiment, "mixed.csv", "text\n" + "\n".join(rows) + "\n")
    result = sentiment("file", "mixed.csv", "-o", "out.csv", "--errors")
    assert result.returncode == 3
    written = records((sentiment.folder / "out.csv").read_text())
    assert written[0] == ["text", "label", "score", "error"]
    assert [row[0] for row in written[1:]] == rows
    assert [row[1] for row in written[1:]] == [fields_of("fine")[0], "", "", "", fields_of("also fine")[0]]
    assert written[2][3] == "inference-failed: The model could not process this text."
    assert written[4][3] == "text-too-long: The text has 120000 characters; the service takes 10000."
    assert "row 2: inference-failed" in result.stderr
    assert "5 rows, 3 of them without an answer" in result.stderr
    hopeless = sentiment("file", "-", "--format", "txt", stdin="raise-error\n")
    assert (hopeless.returncode, records(hopeless.stdout)[1]) == (3, ["raise-error", "", ""])


@pytest.mark.parametrize(("text", "rows", "code"), [("", 0, 0), ("\n", 1, 3)])
def test_nearly_nothing(sentiment: Command, text: str, rows: int, code: int) -> None:
    result = sentiment("file", "-", "--format", "txt", stdin=text)
    assert (result.returncode, len(records(result.stdout))) == (code, 1 + rows)
    header = sentiment("file", "-", "--format", "csv", stdin="id,text\n")
    assert (header.returncode, header.stdout) == (0, "id,text,label,score\n")
    assert sentiment("file", "-", "--format", "ndjson").stdout == ""


@pytest.mark.parametrize(
    ("name", "text", "options", "code", "sentence"),
    [
        ("a.csv", "", [], 2, "a.csv is empty: it has no line that names the columns"),
        ("a.csv", "id,body\n1,x\n", [], 2, "a.csv has no column 'text'; it has 'id', 'body'"),
        ("a.csv", "id;text\n1;x\n", [], 2, "a.csv has one column, 'id;text': say --delimiter ';' if that divides it"),
        ("a.csv", "id;text\n1;x\n", ["-c", "text"], 2, "a.csv has one column, 'id;text': say --delimiter ';'"),
        ("a.tsv", "id,text\n1,x\n", [], 2, "a.tsv has one column, 'id,text': say --delimiter ','"),
        ("a.csv", "id,body\n1,x\n", ["-c", "Body"], 2, "a.csv has no column 'Body'"),
        ("a.csv", "text,n\na,1\nb,2,3\n", [], 1, "a.csv, line 3: 3 fields where the first line has 2"),
        ("a.csv", 'text,n\n"a,1\nb,2\n', [], 1, "a.csv, line 3: unexpected end of data"),
        ("a.csv", "text,label\na,1\n", [], 2, "there is a column 'label' already; --prefix predicted_"),
        ("a.ndjson", '{"text": "a"}\n{"text": \n', [], 1, "a.ndjson, line 2: not JSON"),
        ("a.ndjson", '{"body": "a"}\n', [], 2, "a.ndjson has no key 'text' in its first line; it has 'body'"),
        ("a.ndjson", '{"text": "a", "score": 1}\n', [], 2, "there is a column 'score' already"),
        ("a.xlsx", "PK", [], 2, "a.xlsx is a spreadsheet: save it as CSV in UTF-8"),
        ("a.dat", "x", [], 2, "a.dat: say with --format csv, tsv, txt, ndjson, parquet in which form it is"),
        ("a.txt", "a\n", ["-o", "a.txt"], 2, "FILE and the output are the same"),
        ("a.txt", "a\n", ["-o", "missing/out.csv"], 1, "missing/out.csv.partial: No such file or directory"),
        ("a.txt", "x" * (16 * 1024 * 1024 + 70_000), [], 1, "a.txt has a line of more than 16,777,216 characters"),
        ("a.csv", "text\nschön\n", ["--encoding", "ascii"], 1, "a.csv is not ascii (near byte 8)"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else None,
)
def test_what_cannot_be_read_is_one_sentence(
    sentiment: Command, name: str, text: str, options: list[str], code: int, sentence: str
) -> None:
    write(sentiment, name, text)
    result = sentiment("file", name, *options)
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith(f"Error: {sentence}")
    assert len(result.stderr.splitlines()) == 1
    assert [path.name for path in sentiment.folder.glob("*.*") if path.is_file()] == [name], "nothing is left behind"


def test_a_label_of_the_inputs_own(sentiment: Command) -> None:
    write(sentiment, "gold.csv", "text,label\ngood,1\n")
    result = sentiment("file", "gold.csv", "--prefix", "predicted_")
    assert records(result.stdout) == [
        ["text", "label", "predicted_label", "predicted_score"],
        ["good", "1", *fields_of("good")],
    ]


def test_no_such_file(sentiment: Command) -> None:
    result = sentiment("file", "nowhere.csv")
    assert (result.returncode, result.stderr) == (2, "Error: nowhere.csv: No such file or directory\n")


def test_quiet_says_nothing(api: Api, sentiment: Command) -> None:
    write(sentiment, "a.txt", "quiet\n")
    result = sentiment("file", "a.txt", "-q", "-o", "out.csv", "--url", api.url)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
