"""Every command of the README, the tutorial and the reference of HTTP is run, and gives what the document shows."""

import re
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clients.known import ENVIRONMENTS
from tests.docs.desk import Desk, matches
from tests.docs.documents import RUN, Block, blocks, commands, not_run, read
from tests.support.missing import missing

START = "make run"
CLIENTS = "docs/how-to/coming-from.md"
"""The page that runs clients of other servers."""
RUNNABLE = {"bash", "python"}
SHOWN = {"json", "text"}

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if shutil.which("curl") is None:
        missing("curl is not on PATH (Debian: apt-get install curl)")
    desk = Desk(tmp_path)
    yield desk
    desk.stop()
    print(desk.said)  # shown when the test fails


def _marker(number: int) -> str:
    return f"::: block {number}"


def _script(document: str, parts: list[Block]) -> str:
    """Return all of a document as one shell script that says where each block begins."""
    skipped = {START, *not_run().get(document, {})}
    lines: list[str] = []
    for number, block in enumerate(parts):
        if block.language in RUNNABLE:
            lines.append(f"echo; echo '{_marker(number)}'; echo '{document}:{block.line}' >&2")
        if block.language == "bash":
            lines.append(_without(block.text, skipped))
        elif block.language == "python":
            lines += [f"{_python(document)} - <<'END-OF-PYTHON'", block.text + "END-OF-PYTHON"]
    return "\n".join(lines)


def _python(document: str) -> Path:
    """Return the interpreter of a document's Python blocks: that of the clients of other servers on their page."""
    if document != CLIENTS:
        return Path(sys.executable)
    python = ENVIRONMENTS / "ci" / "bin" / "python"
    if not python.exists():
        missing("clients of other servers are not installed: make test-clients")
    return python


def _without(text: str, skipped: set[str]) -> str:
    for command in skipped:
        text = re.sub(rf"^{re.escape(command)}[^\S\n]*(#.*)?$", "", text, flags=re.MULTILINE)
    return text


def _outputs(said: str) -> dict[int, str]:
    pieces = re.split(rf"^{re.escape(_marker(0))[:-1]}(\d+)\n", said, flags=re.MULTILINE)
    return {int(number): output for number, output in zip(pieces[1::2], pieces[2::2], strict=True)}


@pytest.mark.parametrize(
    "document", [pytest.param(name, marks=[pytest.mark.clients] if name == CLIENTS else []) for name in RUN]
)
def test_every_command_runs_and_gives_what_is_shown(desk: Desk, document: str) -> None:
    parts = blocks(read(document))
    done = desk.run(_script(document, parts))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    outputs = _outputs(done.stdout)
    for number, (block, following) in enumerate(pairwise(parts)):
        if block.language in RUNNABLE and following.language in SHOWN:
            assert matches(following.text, outputs[number], json=following.language == "json"), (
                f"{document}:{following.line} is not what came:\n{outputs[number]}"
            )


@pytest.mark.parametrize("document", RUN)
def test_whatever_is_shown_follows_what_gives_it(document: str) -> None:
    for block, following in pairwise(blocks(read(document))):
        if following.language in SHOWN:
            assert block.language in RUNNABLE, f"{document}:{following.line}"


@pytest.mark.parametrize("document", RUN)
def test_blocks_say_what_they_are(document: str) -> None:
    """A block without a language is a picture: it begins with space or none of the commands that documents use."""
    for block in blocks(read(document)):
        if block.language not in RUNNABLE | SHOWN:
            assert block.language == "", f"{document}:{block.line}"
            assert not re.search(
                r"^\s*(curl|make|docker|helm|kubectl|python3?|\.venv/bin/\S+|sentiment) ", block.text, re.M
            )


def test_what_is_not_run_is_still_there_and_has_a_reason() -> None:
    for document, listed in not_run().items():
        there = {command for block in blocks(read(document)) if block.language == "bash" for command in commands(block)}
        assert set(listed) <= there, document
        assert all(len(reason.split()) > 3 for reason in listed.values())


def test_the_two_commands_come_first() -> None:
    first = next(block for block in blocks(read("README.md")) if block.language == "bash")
    assert list(commands(first)) == ["make run", "make test"]
