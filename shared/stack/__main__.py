"""``python -m shared.stack run`` and ``demo``."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from shared.contract.errors import SettingsError
from shared.process.settings import Settings, get_settings
from shared.stack.ports import free_port
from shared.stack.run import run_stack


def main() -> int:
    """Run one of the two commands and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.stack",
        description="The whole product on one machine: Redis, API, worker and Flower. Settings are SENTIMENT_*.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run in the foreground until Ctrl-C")
    run.add_argument(
        "--data", type=Path, default=Path(".run"), help="folder in which accepted jobs are kept between runs (.run)"
    )
    commands.add_parser("demo", help="run on free ports, send real requests, show the answers, stop")
    options = parser.parse_args()
    try:
        settings = get_settings()
    except SettingsError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if options.command == "demo":
        return _demo(settings)
    return asyncio.run(run_stack(settings, options.data))


def _demo(settings: Settings) -> int:
    """Run the demonstration on free ports with a temporary data folder, and return its exit code."""
    from shared.stack.demo import Demo  # noqa: PLC0415 - only the demonstration needs the client, which is slow to load

    own = settings.model_copy(update={"api_port": free_port(), "flower_port": free_port()})
    demo = Demo(sys.stdout)
    with tempfile.TemporaryDirectory(prefix="sentiment-demo-") as data:
        code = asyncio.run(run_stack(own, Path(data), demo.show))
    return code or demo.exit_code


if __name__ == "__main__":
    sys.exit(main())
