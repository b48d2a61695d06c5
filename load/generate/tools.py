"""The programs that the load generators need."""

import shutil
from pathlib import Path
from typing import Final

from load.errors import BenchError
from load.node import NodeMissingError, find_node

GENERATORS: Final = Path(__file__).parent / "programs"


def wrk() -> str:
    """Return the path of wrk, which drives closed loops.

    Raises:
        BenchError: it is missing.
    """
    found = shutil.which("wrk")
    if found is None:
        raise BenchError("wrk is missing: install it with `apt-get install wrk`")
    return found


def node() -> str:
    """Return the path of Node.js, which runs the traffic modules and open loops.

    Raises:
        BenchError: it is missing.
    """
    try:
        return str(find_node())
    except NodeMissingError as error:
        raise BenchError(str(error)) from None
