"""The processor that this process runs on, as far as engines ask."""

import platform
import re
from functools import cache
from pathlib import Path
from typing import Final

CPUINFO: Path = Path("/proc/cpuinfo")
_X86: Final = ("x86_64", "amd64", "i386", "i686")
_VNNI: Final = frozenset({"avx512_vnni", "avx_vnni"})


def processor() -> str:
    """Return the processor's name, or its architecture where the system does not tell a name."""
    return _field("model name") or platform.machine()


def saturates() -> bool:
    """Whether products of unsigned by signed bytes are summed in 16 bits: on x86 without VNNI."""
    return platform.machine().lower() in _X86 and not _VNNI & set(_field("flags").split())


def _field(name: str) -> str:
    """Return a line of the first processor's description; empty where there is none."""
    found = re.search(rf"^{name}\s*: (.*)$", _description(CPUINFO), re.MULTILINE)
    return found[1] if found else ""


@cache
def _description(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
