"""Docstrings name their nouns: none begins with a question word, nor has one right after its verb."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VAGUE = re.compile(r"(\w+ )?(what|who|whoever|whatever|whose)\b", re.IGNORECASE)
FOLDERS = ("api", "client", "deploy", "load", "shared", "tests", "worker")


def first_lines(source: str) -> Iterator[tuple[int, str]]:
    """Return the line number and first line of each docstring of a module: classes, functions and attributes too."""
    for node in ast.walk(ast.parse(source)):
        for statement in getattr(node, "body", None) or () if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield statement.lineno, text.strip().partition("\n")[0]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_docstring_begins_with_a_question_word(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for line, text in first_lines(path.read_text("utf-8"))
        if VAGUE.match(text)
    ]
    assert found == []


def test_the_check_sees_every_kind_of_docstring() -> None:
    function = '    async def f(self):\n        """Whatever d."""\n'
    source = f'"""What a."""\nX = 1\n"""Who b."""\nclass C:\n    """Return what c."""\n{function}'
    assert [bool(VAGUE.match(text)) for _, text in first_lines(source)] == [True] * 4
    assert not any(map(VAGUE.match, ("Return the limit.", "Show whether it is up.", "Somewhat late.")))
