"""``python -m worker``: run a worker, train a model, bake it, or switch the active version."""

import argparse
import gc
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from shared.contract.errors import SentimentError
from shared.process.imports import without_unused


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; each imports its own modules, so that ``--help`` is fast and imports no ML package.

    Returns:
        The exit code; 2 after an expected failure, which is explained in one sentence on stderr.
    """
    options = parser().parse_args(arguments)
    try:
        return _dispatch(options)
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, without importing an ML package."""
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Run workers, and prepare their models; settings of a running worker are SENTIMENT_*.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve the queues until SIGTERM")
    commands.add_parser("flower", help="serve Celery's monitor, read-only and behind a password (stack extra)")
    commands.add_parser(
        "check", help="check that the baked model loads and answers on this machine; needs no Redis and no network"
    )
    activate = commands.add_parser("activate", help="make a live model version the active one")
    activate.add_argument("version", help="16 hex digits, as shown in the worker's log")
    if find_spec("worker.modelling"):  # the worker's image has no code for training and baking
        _add_modelling(commands)
    return parser


def _add_modelling(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from worker.modelling.bake.command import add_arguments as bake_arguments  # noqa: PLC0415
    from worker.modelling.train.command import add_arguments as train_arguments  # noqa: PLC0415

    train_arguments(commands.add_parser("train", help="fine-tune a model on SST-2 (needs the train extra)"))
    bake_arguments(
        commands.add_parser("bake", help="convert a trained model to the form that workers serve (train extra)")
    )


def _dispatch(options: argparse.Namespace) -> int:
    if options.command == "train":
        from worker.modelling.train.command import train  # noqa: PLC0415

        return train(options)
    if options.command == "bake":
        from worker.modelling.bake.command import bake  # noqa: PLC0415

        return bake(options)
    if options.command == "run":
        gc.disable()  # collections during the imports would find next to nothing; `run` enables them
    with without_unused():
        from shared.process.production import require_safe  # noqa: PLC0415
        from shared.process.settings import get_settings  # noqa: PLC0415
        from worker.run import activate, run  # noqa: PLC0415

    settings = get_settings()
    if options.command == "check":
        from worker.engines.self_test import check  # noqa: PLC0415

        return check(settings)
    if options.command == "activate":
        return activate(settings, options.version)
    if options.command == "flower":
        from shared.broker.role import Role  # noqa: PLC0415
        from worker.queue.flower import run_flower  # noqa: PLC0415

        require_safe(settings, [Role.BROKER])
        return run_flower(settings)
    require_safe(settings)
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
