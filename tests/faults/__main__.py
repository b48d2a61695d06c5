"""``python -m tests.faults``: run rows of the suite at full size, and print their table."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

_LIMIT_SECONDS = 240


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen rows one after the other; return 1 if one has failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Break the product and watch it.")
    parser.add_argument("rows", nargs="*", help="numbers of rows; all without")
    parser.add_argument("--short", action="store_true", help="smaller, without bounds on times")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the rows into the file's table")
    options = parser.parse_args(arguments)
    command = ["-p", "tests.support.rows", "--capture=no", "--tb=short", f"--timeout={_LIMIT_SECONDS}"]
    command += [f"--rows={','.join(options.rows)}", *([] if options.short else ["--full"])]
    command += ["--write", str(options.write)] if options.write else []
    return int(pytest.main([*command, str(Path(__file__).parent)]))


if __name__ == "__main__":
    sys.exit(main())
