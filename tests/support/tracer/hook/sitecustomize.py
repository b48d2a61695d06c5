"""Record each call of this repository's functions: put this folder on PYTHONPATH and name a folder in ``TRACE_DIR``.

Each process of the API and of the worker appends one line a call to a file of its own, named by its role and its id:
the monotonic clock in ns, the thread, file and function. The first entry into a function counts, of a coroutine or a
generator too; its resumptions do not. Comprehensions belong to the function that they stand in.
"""

import os
import sys
import threading
import time
from opcode import opmap
from types import CodeType, FrameType
from typing import Any

_ROOT = os.environ.get("TRACE_ROOT", "")
_FOLDER = os.environ.get("TRACE_DIR", "")
_PRODUCT = tuple(f"{_ROOT}/{part}/" for part in ("api", "shared", "worker"))
_INNER = {"<module>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>"}
_COMMANDS = {("-m", "api"): "API", ("-m", "worker", "run"): "worker"}

_names: dict[CodeType, str] = {}
_files: dict[int, int] = {}


def _role() -> str:
    """Return the part of the product that this process is, empty for any other process."""
    own = tuple(sys.orig_argv[1:])
    return next((role for command, role in _COMMANDS.items() if own[: len(command)] == command), "")


_ROLE = _role()


def _name(code: CodeType) -> str:
    """Return file and function of a code object, empty if it is not the product's."""
    if code not in _names:
        ours = code.co_filename.startswith(_PRODUCT) and code.co_name not in _INNER
        _names[code] = f"{os.path.relpath(code.co_filename, _ROOT)} {code.co_qualname}" if ours else ""
    return _names[code]


def _first(frame: FrameType) -> bool:
    """Return whether a function is entered for the first time: RESUME's argument is 0 then, and more after a pause."""
    at, code = frame.f_lasti, frame.f_code.co_code
    return code[at] == opmap["RESUME"] and code[at + 1] == 0


def _record(frame: FrameType, event: str, _: Any) -> None:
    """Write one line for a call; unbuffered, since a process may be killed at any time."""
    if event != "call" or not (name := _name(frame.f_code)) or not _first(frame):
        return
    process = os.getpid()  # a fork writes into a file of its own
    if process not in _files:
        path = f"{_FOLDER}/{_ROLE}-{process}"
        _files[process] = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(_files[process], f"{time.monotonic_ns()} {threading.get_ident()} {name}\n".encode())


if _FOLDER and _ROLE:
    threading.setprofile(_record)
    sys.setprofile(_record)
