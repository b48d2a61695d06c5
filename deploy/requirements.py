"""Print the requirements in pyproject.toml: the dependencies, and those of the extras on the command line.

An image installs them in a separate layer before the code, because the code changes more often.
"""

import sys
import tomllib
from pathlib import Path


def requirements(extras: str) -> list[str]:
    """Return the requirements of the product with some extras.

    Args:
        extras: names of extras, separated by commas.
    """
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(entry for extra in extras.split(",") for entry in optional[extra])]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(sys.argv[1])) + "\n")
