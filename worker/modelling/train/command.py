"""The command line of training; it imports no ML package before the training begins."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from shared.contract.errors import ModelError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``python -m worker train``."""
    parser.add_argument("--recipe", choices=["minilm", "distilbert"], default="minilm", help="recipe (minilm)")
    parser.add_argument("--data", type=Path, help="folder with train.tsv and dev.tsv; without it GLUE is downloaded")
    parser.add_argument("--output", type=Path, help="folder of the result (.train/RECIPE)")
    parser.add_argument("--epochs", type=int, help="number of epochs instead of the recipe's")
    parser.add_argument("--seed", type=int, default=7, help="makes a run repeatable (7)")


def train(options: argparse.Namespace) -> int:
    """Train a model, write the progress to standard output, and return the exit code.

    Raises:
        ModelError: a package, the base model or the data is missing.
    """
    if options.epochs is not None and options.epochs < 1:
        raise ModelError(f"--epochs must be at least 1, not {options.epochs}")
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise ModelError("training needs the train extra: make train, or pip install '.[worker,train]'")
    from worker.modelling.train.run import train_model  # noqa: PLC0415

    output = options.output or Path(".train") / options.recipe
    summary = train_model(
        options.recipe, options.data, output, seed=options.seed, report=_report, epochs=options.epochs
    )
    _report(
        f"best epoch {summary['best_epoch']}: {summary['dev']:.4f} on the dev set, "
        f"{summary['minutes']} minutes, saved in {output}"
    )
    return 0


def _report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
