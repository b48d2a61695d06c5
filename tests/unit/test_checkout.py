"""A clone has the same bytes wherever it is made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [shutil.which("git") or "git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_a_clone_that_turns_line_ends_has_a_model_that_verifies(tmp_path: Path) -> None:
    """Git for Windows turns line ends by default (core.autocrlf=true); Docker Desktop builds from such a clone."""
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    files = ["worker", "shared", ".gitattributes", "pyproject.toml"]
    known = git(ROOT, "ls-files", "-z", *files).split("\0")
    for name in filter(None, known):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    git(source, "init", "--quiet")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "all")
    git(tmp_path, "clone", "--quiet", "--config", "core.autocrlf=true", str(source), str(clone))
    assert b"\r\n" not in (clone / "worker/model/tokenizer.json").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "worker", "check"],
        cwd=clone,
        env=os.environ | {"SENTIMENT_MODEL_DIR": str(clone / "worker/model")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
