"""``python -m load.run SCENARIO``."""

import argparse
import os
import sys

from load.run.own_stack import run
from load.run.scripts import SCENARIOS, CannotRunError, command, environment
from shared.contract.errors import SettingsError
from shared.process.settings import get_settings


def main() -> int:
    """Run one scenario, and return k6's exit code; 2 if it cannot be run."""
    parser = argparse.ArgumentParser(
        prog="python -m load.run",
        description="Run a k6 script against the whole product, started on free ports, or against the one at TARGET "
        "(http://...; an environment variable, like the scripts' own).",
    )
    parser.add_argument("scenario", help=", ".join(SCENARIOS))
    options = parser.parse_args()
    try:
        call = command(options.scenario)
        if target := os.environ.get("TARGET"):
            os.execve(call[0], call, environment(options.scenario, target, {}))  # noqa: S606
        return run(options.scenario, call, get_settings())
    except (CannotRunError, SettingsError) as error:
        sys.stderr.write(f"error: {error}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
