"""The commands in the documents."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.site.layout import ROOT

RUN = ("README.md", "docs/tutorial.md", "docs/reference/http.md", "docs/how-to/coming-from.md")
"""The documents of which every command is run."""
_MADE = {"build", "dist", "node_modules", "trained"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block, and the line of its document where it begins."""

    language: str
    text: str
    line: int


def all_documents() -> list[str]:
    """Return every Markdown file of the repository, by its path in it; what is made or installed there is none."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not (name.startswith(".") or name in _MADE))
        found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in sorted(files) if name.endswith(".md")]
    return found


def read(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def blocks(text: str) -> list[Block]:
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 1) for found in _FENCE.finditer(text)]


def commands(block: Block) -> Iterator[str]:
    """Return the commands of a bash block, each with its continued lines, without a comment at its end."""
    command = ""
    for line in block.text.splitlines():
        command += line
        if line.endswith("\\"):
            command += "\n"
        elif command.strip():
            yield re.sub(r"\s+# .*$", "", command).strip()
            command = ""
    assert not command.strip(), f"line {block.line}: the last command is continued"


def not_run() -> dict[str, dict[str, str]]:
    """Return, by document, the commands that no test can run, each with the reason."""
    listed: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("not_run.toml").read_text("utf-8"))
    return listed
