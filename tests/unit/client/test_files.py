"""Reading text and keeping a journal, without a service."""

import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.cli.files.journal import Entry, Journal, digest_of
from client.cli.files.output import File
from client.cli.files.table import Row
from client.cli.process.ending import CommandError
from client.cli.source import Source
from client.cli.text import Text
from tests.unit.client.trickle import Trickle

RUN = {"column": "text"}


def source(data: bytes, size: int) -> Text:
    return Text(Source(io.BufferedReader(Trickle(data, size)), "pipe"), None)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 9))
def test_lines_do_not_depend_on_how_bytes_arrive(text: str, size: int) -> None:
    text = text.removeprefix("\ufeff")
    given_lines = list(source(text.encode(), size).lines())
    assert "".join(given_lines) == text
    assert all(re.fullmatch(r"[^\r\n]*(\r\n|\r|\n)", line) for line in given_lines[:-1])


def test_half_a_character_at_the_end() -> None:
    with pytest.raises(CommandError, match="pipe is not utf-8"):
        list(source("schö".encode()[:-1], 3).lines())


def rows(*texts: str) -> list[Row]:
    return [Row(number, [text], text, 0) for number, text in enumerate(texts, 1)]


def test_a_journal_is_taken_up_after_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal.open(path, RUN, fresh=False)
    journal.add(Entry(2, 1, 40, digest_of(rows("a", "b"))))
    journal.close()
    with path.open("a") as file:
        file.write('{"rows": 2, "fai')
    again = Journal.open(path, RUN, fresh=False)
    assert again.skip(iter(rows("a", "b", "c")), "input") == Entry(2, 1, 40, digest_of(rows("a", "b")))
    again.add(Entry(1, 0, 60, digest_of(rows("c"))))
    again.close()
    assert [json.loads(line).get("rows") for line in path.read_text().splitlines()] == [None, 2, 1]
    third = Journal.open(path, RUN, fresh=False)
    with pytest.raises(CommandError, match="is not what it was"):
        third.skip(iter(rows("a", "b", "d")), "input")
    third.close()


def test_ctrl_c_as_soon_as_the_journal_has_a_block_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = File.open(tmp_path / "out.csv", RUN, fresh=False)
    output.write(b"text\n", 0, 0, digest_of([]))
    synced: list[int] = []

    def sync(file: int) -> None:
        synced.append(file)
        if len(synced) == 2:  # the partial file's block, then the journal's line
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        output.write(b"a\n", 1, 0, digest_of(rows("a")))
    output.close()
    again = File.open(tmp_path / "out.csv", RUN, fresh=False)
    assert again.skip(iter(rows("a", "b")), "input").rows == 1
    again.close()


def test_a_journal_of_another_run(tmp_path: Path) -> None:
    path = tmp_path / "out.csv.journal"
    Journal.open(path, RUN, fresh=False).close()
    with pytest.raises(CommandError, match=r"out\.csv was begun with another column \(text\)"):
        Journal.open(path, {"column": "body"}, fresh=False)
    fresh = Journal.open(path, {"column": "body"}, fresh=True)
    fresh.close()
    assert fresh.salt
    path.write_text("nonsense\n")
    Journal.open(path, RUN, fresh=False).close()
