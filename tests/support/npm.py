"""Packages of npm that a folder of tests needs, as its lock file names them."""

import os
import subprocess
from pathlib import Path
from typing import Final

from load.node import NodeMissingError, find_node, find_npm
from tests.support.missing import missing

_SECONDS: Final = 90


def install(folder: Path) -> Path:
    """Install the packages of `folder`'s lock file, once, and return their folder."""
    lock = (folder / "package-lock.json").read_bytes()
    modules = folder / "node_modules"
    installed = modules / ".installed"
    if installed.exists() and installed.read_bytes() == lock:
        return modules
    try:
        path = f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
        subprocess.run(
            [*find_npm(), "ci", "--ignore-scripts"],
            cwd=folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except NodeMissingError as error:
        missing(str(error))
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        missing(f"npm cannot install what {folder.name} needs: {error}\n{error.stderr!r}")
    installed.write_bytes(lock)
    return modules
