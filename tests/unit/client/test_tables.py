"""The command reads every case of the corpus as the page does."""

import json
from pathlib import Path
from typing import Any

import pytest

from client.cli.files.formats import Format
from client.cli.files.table import BLANK
from client.cli.process.ending import CommandError
from tests.unit.client.passing import read

CORPUS = json.loads((Path(__file__).parents[2] / "support" / "tables" / "cases.json").read_text("utf-8"))


def bytes_of(case: dict[str, Any]) -> bytes:
    text = ("\ufeff" if case.get("mark") else "") + case["text"]
    return str(text).encode(case.get("encoding", "utf-8"))


@pytest.mark.parametrize("size", [1, 2, 65536])
@pytest.mark.parametrize("case", CORPUS["cases"], ids=lambda case: case["name"])
def test_a_case_is_read_alike(case: dict[str, Any], size: int) -> None:
    case = case | case.get("command", {})
    kind = Format(case["format"])
    options = {name: case[name] for name in ("delimiter", "quotes") if name in case}
    column = "text" if kind in {Format.CSV, Format.NDJSON} else None
    if case.get("refused"):
        with pytest.raises(CommandError):
            read(bytes_of(case), kind, column=column, size=size, **options)
        return
    found = read(bytes_of(case), kind, column=column, size=size, **options)
    assert found.texts == case["texts"]
    if "rows" in case:
        assert (found.columns, found.cells) == (case["columns"], case["rows"])


def test_what_is_blank() -> None:
    assert set(BLANK) == set(CORPUS["blank"])
