"""Every example of ``docs/client.md`` runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import SCRIPT, Command

DOCUMENT = Path(__file__).parents[2] / "docs" / "client.md"
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("language", "code"), BLOCKS, ids=[f"{kind} {i}" for i, (kind, _) in enumerate(BLOCKS, 1)])
def test_an_example_runs(sentiment: Command, language: str, code: str) -> None:
    (sentiment.folder / "reviews.csv").write_text('id,text\n1,"Good fun, all of it."\n2,A bore.\n')
    program = [sys.executable, "-"] if language == "python" else ["/bin/bash", "-e", "-u", "-o", "pipefail"]
    result = subprocess.run(
        program,
        input=code,
        env=sentiment.environment | {"PATH": f"{SCRIPT.parent}:{sentiment.environment['PATH']}"},
        cwd=sentiment.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout or (sentiment.folder / "out.csv").exists()


def test_there_are_examples() -> None:
    assert [language for language, _ in BLOCKS].count("bash") >= 4
    assert [language for language, _ in BLOCKS].count("python") >= 2
