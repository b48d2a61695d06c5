"""Print the requirements of pyproject.toml: the dependencies, and those of the extras named on the command line.

An image installs them in a layer of their own, before the code, which changes more often.
"""

import sys
import tomllib
from pathlib import Path


def requirements(extras: str) -> list[str]:
    """Return the requirements.

    Args:
        extras: names joined by commas.
    """
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(entry for extra in extras.split(",") for entry in optional[extra])]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(sys.argv[1])) + "\n")
