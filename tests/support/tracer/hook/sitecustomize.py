"""Records each call of this repository's functions in processes with this folder on PYTHONPATH and ``TRACE_DIR`` set.

Each process of the API and of the worker appends one line per call to its own file in ``TRACE_DIR``, named by its role
and its id: the monotonic clock in ns, the thread, file and function. Of a coroutine or generator only the first entry
counts, not its resumptions. Comprehensions count as part of the function that contains them.
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
    """Return the role of this process: ``api`` or ``worker``; empty for another process."""
    own = tuple(sys.orig_argv[1:])
    return next((role for command, role in _COMMANDS.items() if own[: len(command)] == command), "")


_ROLE = _role()


def _name(code: CodeType) -> str:
    """Return file and function of a code object; empty if it does not belong to the product."""
    if code not in _names:
        ours = code.co_filename.startswith(_PRODUCT) and code.co_name not in _INNER
        _names[code] = f"{os.path.relpath(code.co_filename, _ROOT)} {code.co_qualname}" if ours else ""
    return _names[code]


def _first(frame: FrameType) -> bool:
    """Return whether a frame begins: the argument of RESUME is 0 at the begin, and larger after a pause."""
    at, code = frame.f_lasti, frame.f_code.co_code
    return code[at] == opmap["RESUME"] and code[at + 1] == 0


def _record(frame: FrameType, event: str, _: Any) -> None:
    """Write one line for a call, without a buffer, because a process may be killed at any time."""
    if event != "call" or not (name := _name(frame.f_code)) or not _first(frame):
        return
    process = os.getpid()  # a forked process writes to its own file
    if process not in _files:
        path = f"{_FOLDER}/{_ROLE}-{process}"
        _files[process] = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(_files[process], f"{time.monotonic_ns()} {threading.get_ident()} {name}\n".encode())


if _FOLDER and _ROLE:
    threading.setprofile(_record)
    sys.setprofile(_record)
