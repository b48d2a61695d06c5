"""Every dialect of delimited text goes through: the cells that were read come out again, and the output is an input."""

import csv
import io
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.cli.files.formats import Format
from client.cli.process.ending import CommandError
from tests.unit.client.passing import ADDED, passed, read

MARK = "\ufeff"


class Case(NamedTuple):
    """A file, and the output that is made of it."""

    text: str
    output: str
    options: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it
    bytes_in: str = "utf-8"
    kind: Format = Format.CSV
    to: Format | None = None


CASES = {
    "LF": Case("text,n\na,1\n", "text,n,label,score\na,1,POSITIVE,0.75\n"),
    "CRLF": Case("text,n\r\na,1\r\n", "text,n,label,score\r\na,1,POSITIVE,0.75\r\n"),
    "CR": Case("text,n\ra,1\rb,2\r", "text,n,label,score\ra,1,POSITIVE,0.75\rb,2,POSITIVE,0.75\r"),
    "no line end": Case("text,n", "text,n,label,score\n"),
    "no line end at the end": Case("text,n\r\na,1", "text,n,label,score\r\na,1,POSITIVE,0.75\r\n"),
    "several line ends": Case("text\ra\r\nb\nc", "text,label,score\r" + "".join(f"{t},POSITIVE,0.75\r" for t in "abc")),
    "a header's LF in a CRLF file": Case(
        'text,"the\nid"\r\na,1\r\n', 'text,"the\nid",label,score\r\na,1,POSITIVE,0.75\r\n'
    ),
    "a cell's lone CR": Case('text,n\n"old\rMac",1\n', 'text,n,label,score\n"old\rMac",1,POSITIVE,0.75\n'),
    "a cell's CRLF": Case('text,n\n"a\r\nb",1\n', 'text,n,label,score\n"a\r\nb",1,POSITIVE,0.75\n'),
    "a cell's CR CR LF": Case('text,n\n"a\r\r\nb",1\n', 'text,n,label,score\n"a\r\r\nb",1,POSITIVE,0.75\n'),
    "a cell that ends in CR": Case('text,n\n"a\r",1\n', 'text,n,label,score\n"a\r",1,POSITIVE,0.75\n'),
    "blank lines before the header": Case("\r\n\ntext,n\na,1\n", "text,n,label,score\na,1,POSITIVE,0.75\n"),
    "NUL": Case("text,n\na\0b,\0\n", "text,n,label,score\na\0b,\0,POSITIVE,0.75\n"),
    "quotes": Case('text,n\n"so ""good""",5"\n', 'text,n,label,score\n"so ""good""","5""",POSITIVE,0.75\n'),
    "non-characters": Case("text,n\na\ufffe,\uffff\n", "text,n,label,score\na\ufffe,\uffff,POSITIVE,0.75\n"),
    "a mark": Case(f"{MARK}text,n\r\na,1\r\n", f"{MARK}text,n,label,score\r\na,1,POSITIVE,0.75\r\n"),
    "a mark and quotes": Case(f'{MARK}"text",n\na,1\n', f"{MARK}text,n,label,score\na,1,POSITIVE,0.75\n"),
    "two marks": Case(f"{MARK}{MARK}n,text\n1,a\n", f'{MARK}"{MARK}n",text,label,score\n1,a,POSITIVE,0.75\n'),
    "a mark in quotes": Case(f'"{MARK}n",text\n1,a\n', f'"{MARK}n",text,label,score\n1,a,POSITIVE,0.75\n'),
    "a mark in a cell": Case(f"text,n\n{MARK}a,1\n", f'text,n,label,score\n"{MARK}a",1,POSITIVE,0.75\n'),
    "--encoding utf-8 and a mark": Case(
        f"{MARK}text,n\na,1\n", f"{MARK}text,n,label,score\na,1,POSITIVE,0.75\n", {"encoding": "utf-8"}
    ),
    "--encoding UTF8 and no mark": Case(
        "text\nschön\n", "text,label,score\nschön,POSITIVE,0.75\n", {"encoding": "UTF8"}
    ),
    "--encoding utf-8-sig and no mark": Case(
        "text\nschön\n", "text,label,score\nschön,POSITIVE,0.75\n", {"encoding": "utf-8-sig"}
    ),
    "UTF-16": Case(f"{MARK}text\na\n", f"{MARK}text,label,score\na,POSITIVE,0.75\n", {}, "utf-16-le"),
    "UTF-16, the other order": Case(f"{MARK}text\na\n", f"{MARK}text,label,score\na,POSITIVE,0.75\n", {}, "utf-16-be"),
    "--encoding utf-16 and a mark": Case(
        f"{MARK}text\na\n", f"{MARK}text,label,score\na,POSITIVE,0.75\n", {"encoding": "utf-16"}, "utf-16-be"
    ),
    "--encoding utf-16-le and a mark": Case(
        f"{MARK}text\na\n", f"{MARK}text,label,score\na,POSITIVE,0.75\n", {"encoding": "utf-16-le"}, "utf-16-le"
    ),
    "--encoding utf-16-le and no mark": Case(
        "text\na\n", "text,label,score\na,POSITIVE,0.75\n", {"encoding": "utf-16-le"}, "utf-16-le"
    ),
    "--encoding utf-32 and a mark": Case(
        f"{MARK}text\na\n", f"{MARK}text,label,score\na,POSITIVE,0.75\n", {"encoding": "utf-32"}, "utf-32-le"
    ),
    "--encoding cp1252": Case(
        "text\r\nschön\r\n", "text,label,score\r\nschön,POSITIVE,0.75\r\n", {"encoding": "cp1252"}, "cp1252"
    ),
    "semicolons": Case("text;n\na,b;1\n", "text;n;label;score\na,b;1;POSITIVE;0.75\n", {"delimiter": ";"}),
    "a blank between fields": Case("text n\na 1\n", "text n label score\na 1 POSITIVE 0.75\n", {"delimiter": " "}),
    "a point between fields": Case("text.n\na.1\n", 'text.n.label.score\na.1.POSITIVE."0.75"\n', {"delimiter": "."}),
    "tabs": Case(
        "text\tn\r\na, b\t1\r\n", "text\tn\tlabel\tscore\r\na, b\t1\tPOSITIVE\t0.75\r\n", {}, "utf-8", Format.TSV
    ),
    "no quotes": Case(
        'text\tn\n"half\t5"\n',
        'text\tn\tlabel\tscore\n"half\t5"\tPOSITIVE\t0.75\n',
        {"quotes": False},
        "utf-8",
        Format.TSV,
    ),
    "no quotes, failed": Case(
        "text,n\n ,1\n",
        "text,n,label,score,error\n ,1,,,no-text: The row has no text.\n",
        {"quotes": False, "errors": True},
    ),
    "no quotes, a delimiter in the reason": Case(
        "text n\n\u3000 1\n",
        "text n label score error\n\u3000 1   no-text:_The_row_has_no_text.\n",
        {"quotes": False, "errors": True, "delimiter": " "},
    ),
    "no quotes, to another format": Case(
        'text\tn\n"half\t5"\n',
        'text,n,label,score\n"""half","5""",POSITIVE,0.75\n',
        {"quotes": False},
        "utf-8",
        Format.TSV,
        Format.CSV,
    ),
    "lines": Case(
        "a, b\r\nc\r\n",
        'text,label,score\r\n"a, b",POSITIVE,0.75\r\nc,POSITIVE,0.75\r\n',
        {},
        "utf-8",
        Format.TXT,
        Format.CSV,
    ),
    "marked lines": Case(
        f"{MARK}a\rb",
        f"{MARK}text,label,score\ra,POSITIVE,0.75\rb,POSITIVE,0.75\r",
        {},
        "utf-8",
        Format.TXT,
        Format.CSV,
    ),
    "objects": Case(
        '{"text": "a"}\r\n{"text": "b"}\r\n',
        '{"text": "a", "label": "POSITIVE", "score": 0.75}\r\n{"text": "b", "label": "POSITIVE", "score": 0.75}\r\n',
        {},
        "utf-8",
        Format.NDJSON,
    ),
    "marked objects": Case(
        f'{MARK}{{"text": "a"}}\n', '{"text": "a", "label": "POSITIVE", "score": 0.75}\n', {}, "utf-8", Format.NDJSON
    ),
    "a CR table to objects": Case(
        "text,n\ra,1\r",
        '{"text": "a", "n": "1", "label": "POSITIVE", "score": 0.75}\n',
        {},
        "utf-8",
        Format.CSV,
        Format.NDJSON,
    ),
}


@pytest.mark.parametrize("size", [1, 3, 65536])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_file_comes_out_in_its_own_dialect(case: Case, size: int) -> None:
    output = passed(case.text.encode(case.bytes_in), case.kind, case.to or case.kind, size=size, **case.options)
    assert output.decode() == case.output


@pytest.mark.parametrize(
    ("data", "encoding", "code", "sentence"),
    [
        (b"\xef\xbb\xbftext\n", "cp1252", 2, "input begins with the byte order mark of utf-8, so it is not cp1252"),
        (b"\xff\xfet\0", "utf-8", 2, "input begins with the byte order mark of utf-16-le, so it is not utf-8"),
        (b"text\n", "klingon", 2, "there is no encoding 'klingon'"),
        (b"text\n", "base64", 2, "there is no encoding 'base64'"),
        (b"text\n", "rot13", 2, "there is no encoding 'rot13'"),
        (b"text\n", "a\0b", 2, r"there is no encoding 'a\x00b'"),
        (b"text\n", "\udcff", 2, r"there is no encoding '\udcff'"),
        (b"text\n+2AA-\n", "utf-7", 1, "input is not utf-7"),
        (b"text\n\xff\n", None, 1, "input is not utf-8"),
        (b"\xff\xfet\0\n", None, 1, "input is not utf-16"),
        (b"text\n\\ud800\n", "unicode_escape", 1, "input is not unicode-escape"),
        (b"text\n", "undefined", 2, "there is no encoding 'undefined'"),
    ],
)
def test_an_encoding_that_does_not_fit_is_one_sentence(data: bytes, encoding: str, code: int, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(data, Format.CSV, encoding=encoding)
    assert (caught.value.code, str(caught.value)[: len(sentence)]) == (code, sentence)


@pytest.mark.parametrize("delimiter", list("0.9-e"))
def test_a_delimiter_that_scores_hold_needs_quotes(delimiter: str) -> None:
    with pytest.raises(CommandError, match="--no-quotes") as caught:
        passed(f"x{delimiter}y\n".encode(), Format.CSV, Format.CSV, delimiter=delimiter, quotes=False, column="x")
    assert caught.value.code == 2


ALPHABET = st.sampled_from([*"\"',;|\t ab\r\n\0", MARK, "\ufffe", "\uffff", "\U0010ffff", "\x85", "\u2028", "é"])
CELLS = st.text(st.one_of(ALPHABET, st.characters(exclude_categories=["Cs"])), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))


def fields(text: str, delimiter: str, *, quotes: bool = True) -> list[list[str]]:
    """Read a table with the standard library alone."""
    lines = io.StringIO(text, newline="")
    if quotes:
        return list(csv.reader(lines, delimiter=delimiter, strict=True))
    return list(csv.reader(lines, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE))


def delimited(rows: list[list[str]], delimiter: str, end: str, *, always: bool) -> str:
    """Write a table as RFC 4180 has it."""
    special = {delimiter, '"', "\r", "\n", MARK}

    def cell(value: str, width: int) -> str:
        enclosed = always or special & set(value) or (width == 1 and not value)
        return '"' + value.replace('"', '""') + '"' if enclosed else value

    return "".join(delimiter.join(cell(value, len(row)) for value in row) + end for row in rows)


@settings(max_examples=400, deadline=None)
@given(
    TABLES,
    st.sampled_from(",;|\t a"),
    ENDS,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    st.integers(1, 9),
)
def test_what_csv_reads_from_the_output_is_the_input_and_two_columns(
    body: list[list[str]], delimiter: str, end: str, always: bool, mark: bool, encoding: str, size: int
) -> None:
    width = len(body[0]) if body else 1
    rows = [["text", *[f"c{i}" for i in range(1, width)]], *body]
    mark = mark or encoding != "utf-8"
    text = MARK * mark + delimited(rows, delimiter, end, always=always)
    options: dict[str, Any] = {"delimiter": delimiter, "column": "text", "size": size}
    found = read(text.encode(encoding), Format.CSV, **options)
    assert found.cells == body
    assert [row.number for row in found.rows] == [*range(1, len(body) + 1)]
    output = passed(text.encode(encoding), Format.CSV, Format.CSV, **options)
    assert output.startswith(MARK.encode()) == mark
    written = fields(output.decode("utf-8-sig"), delimiter)
    added = [ADDED if given_text else ["", ""] for given_text in found.texts]
    assert written == [[*rows[0], "label", "score"], *[[*row, *more] for row, more in zip(body, added, strict=True)]]
    again = read(output, Format.CSV, **options)
    assert (again.columns, again.cells, again.texts) == (written[0], written[1:], found.texts)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=6), st.sampled_from(",;|\t"), ENDS, st.integers(1, 9))
def test_tables_whose_quotes_mean_nothing_too(
    pairs: list[tuple[str, str]], delimiter: str, end: str, size: int
) -> None:
    bare = str.maketrans("", "", f"{delimiter}\r\n{MARK}")
    body = [[value.translate(bare) for value in pair] for pair in pairs]
    text = "".join(delimiter.join(row) + end for row in [["text", "n"], *body])
    options: dict[str, Any] = {"delimiter": delimiter, "quotes": False, "size": size}
    output = passed(text.encode(), Format.TSV, Format.TSV, errors=True, **options)
    written = fields(output.decode(), delimiter, quotes=False)
    assert [row[:2] for row in written] == [["text", "n"], *body]
    assert {len(row) for row in written} == {5}
    again = read(output, Format.TSV, **options)
    assert again.cells == written[1:]


@settings(max_examples=200, deadline=None)
@given(st.lists(CELLS, max_size=6), ENDS, st.booleans(), st.integers(1, 9))
def test_lines_become_a_table(lines: list[str], end: str, mark: bool, size: int) -> None:
    bare = [line.translate(str.maketrans("", "", f"\r\n{MARK}")) for line in lines]
    text = MARK * mark + "".join(line + end for line in bare)
    output = passed(text.encode(), Format.TXT, Format.CSV, size=size)
    assert [row[0] for row in fields(output.decode("utf-8-sig"), ",")] == ["text", *bare]
    again = read(output, Format.CSV, size=size)
    assert [cells[0] for cells in again.cells] == bare
