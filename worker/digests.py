"""SHA-256 of files, which a process need not compute for a file that its parent has read before."""

import hashlib
import os
import time
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20
_SETTLED_NS: Final = 1_000_000_000
"""Age of a file's last change from which each later change gives it another stamp, whatever its file system's clock."""

_Stamp = tuple[int, int, int, int, int]
_known: dict[Path, tuple[_Stamp, str]] = {}
"""Stamp and digest of files; forked processes inherit them."""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def known_digest(path: Path) -> str:
    """Return the same; a file that has not changed since this process or its parent has read it is not read again."""
    stamp = _stamp(path.stat())
    if path in _known and _known[path][0] == stamp:
        return _known[path][1]
    settled = time.time_ns() - max(stamp[-2:]) > _SETTLED_NS
    digest = file_digest(path)
    if settled:
        _known[path] = (stamp, digest)
    return digest


def _stamp(status: os.stat_result) -> _Stamp:
    """Return numbers of which at least one is another after each change of the file."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
