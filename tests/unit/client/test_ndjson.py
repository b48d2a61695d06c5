"""NDJSON as Python and other programs write it: the output is strict JSON for every input."""

import json
import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.cli.files.formats import Format
from client.cli.process.ending import CommandError
from tests.unit.client.passing import passed, read

ADDED = '"label": "POSITIVE", "score": 0.75}\n'
FAILED = '"error": {"code": "no-text", "detail": "The row has no text."}}\n'
LONG = "7" * 5000
CASES = {
    "NaN as the text": ('{"text": NaN}', f'{{"text": null, {FAILED}'),
    "Infinity as the text": ('{"text": -Infinity}', f'{{"text": null, {FAILED}'),
    "NaN beside the text": ('{"text": "a", "n": NaN}', f'{{"text": "a", "n": null, {ADDED}'),
    "NaN deep inside": (
        '{"text": "a", "n": [1.50, {"m": [Infinity]}]}',
        f'{{"text": "a", "n": [1.50, {{"m": [null]}}], {ADDED}',
    ),
    "NaN in strings and keys": (
        '{"text": "NaN \\"NaN\\" \\\\", "NaN": Infinity}',
        f'{{"text": "NaN \\"NaN\\" \\\\", "NaN": null, {ADDED}',
    ),
    "a number longer than Python reads": (f'{{"text": "a", "n": {LONG}}}', f'{{"text": "a", "n": {LONG}, {ADDED}'),
    "a number as the text": ('{"text": 1.10}', f'{{"text": 1.10, {ADDED}'),
    "a string": ('"a"', f'{{"text": "a", {ADDED}'),
    "NaN alone": ("NaN", f'{{"text": null, {FAILED}'),
    "an empty object": ('{"text": "a"}\n{ }', f'{{"text": "a", {ADDED}{{{FAILED}'),
    "half a surrogate pair": ('{"text": "a", "n": "\\ud800"}', f'{{"text": "a", "n": "\\ud800", {ADDED}'),
}


def strict(line: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(line, parse_constant=refuse, parse_int=str)


@pytest.mark.parametrize(("line", "output"), CASES.values(), ids=CASES)
def test_strict_json_comes_out(line: str, output: str) -> None:
    written = passed(f"{line}\n".encode(), Format.NDJSON, Format.NDJSON).decode()
    assert written == output
    for entry in written.splitlines():
        strict(entry)


def test_a_missing_value_of_pandas() -> None:
    frame = pd.DataFrame({"text": ["good", None, float("nan")], "n": [1.5, None, math.inf]})
    lines = "".join(json.dumps(row) + "\n" for row in frame.astype(object).to_dict("records"))
    assert "NaN" in lines
    found = read(lines.encode(), Format.NDJSON)
    assert found.texts == ["good", None, None]
    written = passed(lines.encode(), Format.NDJSON, Format.NDJSON).decode().splitlines()
    assert [strict(line)["n"] for line in written] == [1.5, None, None]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["text", "n", "NaN", '"']), VALUES, max_size=4), max_size=4), st.booleans()
)
def test_every_row_is_there_once_in_strict_json(rows: list[dict[str, Any]], ascii_only: bool) -> None:
    rows = [{"text": "first"}, *rows]
    data = "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()
    written = [strict(line) for line in passed(data, Format.NDJSON, Format.NDJSON).decode().split("\n")[:-1]]
    plain = [json.loads(json.dumps(row), parse_constant=lambda _: None, parse_int=str) for row in rows]
    assert [
        {name: value for name, value in row.items() if name in given} for row, given in zip(written, plain, strict=True)
    ] == plain
    assert all(("label" in row) != ("error" in row) for row in written)


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(CommandError, match="input, line 3: not JSON"):
        read(b'{"text": "a"}\n\n{"text": nan}\n', Format.NDJSON)
