"""The description of a result's machine, versions and commit."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import psutil

from load.node import NodeMissingError, find_node
from shared.process.cpus import available_cpus
from shared.stack.errors import StackError
from shared.stack.redis import find_server

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("celery", "fastapi", "flower", "kombu", "numpy", "onnxruntime", "redis", "tokenizers", "uvicorn")
_FLAGS: Final = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "amx_bf16")
"""CPU flags that decide the speed of int8 multiplication."""


@dataclass(frozen=True)
class Commit:
    """The commit of the source."""

    id: str
    dirty: bool
    """Whether the working tree differs from the commit."""


def commit() -> Commit:
    """Return the commit of the working tree; outside of a repository its id is empty."""
    changes = _output("git", "-C", str(_ROOT), "status", "--porcelain")
    return Commit(_output("git", "-C", str(_ROOT), "rev-parse", "HEAD"), bool(changes))


def hardware() -> dict[str, Any]:
    """Return a description of processor and memory."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.is_file() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*: (.+)$", text, re.MULTILINE)
    present = set(flags[1].split()) if flags else set()
    return {
        "cpu": name[1].strip() if name else platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": available_cpus(),
        "flags": [flag for flag in _FLAGS if flag in present],
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "kernel": platform.release(),
    }


def versions() -> dict[str, str]:
    """Return the versions of all programs and packages that influence a figure; empty for a missing one."""
    packages = {}
    for package in _PACKAGES:
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            packages[package] = ""
    return {
        "python": platform.python_version(),
        "redis-server": _redis_server(),
        "wrk": _first_word_with_digits(_output(shutil.which("wrk") or "wrk", "-v")),
        "node": _node(),
        **packages,
    }


def _redis_server() -> str:
    try:
        text = _output(str(find_server()), "--version")
    except StackError:
        return ""
    match = re.search(r"\bv=(\S+)", text)
    return match[1] if match else ""


def _node() -> str:
    try:
        return _output(str(find_node()), "--version").removeprefix("v")
    except NodeMissingError:
        return ""


def _first_word_with_digits(text: str) -> str:
    return next((word for word in text.split() if re.search(r"\d", word)), "")


def _output(*command: str) -> str:
    """Return the output of a program; empty if it is missing. Its exit code is ignored, as ``wrk -v`` returns 1."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except OSError:
        return ""
