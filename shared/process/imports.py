"""Imports of libraries without the optional packages that they would load and nothing here uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_UNUSED: Final = ("cffi", "greenlet", "opentelemetry", "yaml")
"""Billiard, Celery, redis-py and kombu load these where they are installed, for functions that are not called here. All
of them together take a fifth of a worker's start."""


@contextmanager
def without_unused() -> Iterator[None]:
    """Let code inside this block see the packages of `_UNUSED` as not installed; later imports find them again."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # the import system raises for a None here
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
