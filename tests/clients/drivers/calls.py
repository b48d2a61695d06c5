"""The calls that a test sends to a driver, which runs in the environment of one client.

A driver reads lines of JSON, ``{"texts": […], "top_k": …}``, and prints a line for each: the answer as a list of
``[label, score]`` for each text, or the exception with its message and the status that it tells.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any


def run(call: Callable[[list[str], int | None], Any]) -> None:
    """Make each call that stdin lists, and print its answer or its exception."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = {"answer": call(asked["texts"], asked["top_k"])}
        except Exception as error:
            said = {"raised": type(error).__name__, "message": str(error), "status": _status(error)}
        print(json.dumps(said), flush=True)


def _status(error: Exception) -> int:
    """Return the status that an exception tells: by its response, by a method, or in its message."""
    if hasattr(error, "response"):
        return int(error.response.status_code)
    if callable(getattr(error, "status", None)):
        return int(error.status())
    found = re.search(r"\b[45]\d\d\b", str(error))
    return int(found[0]) if found else 0
