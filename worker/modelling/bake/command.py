"""The command line of baking. Light: nothing of ML is imported before it runs."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError

PRODUCTION: Final = (
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english@714eb0fa89d2f80546fda750413ed43d93601a13"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``python -m worker bake``."""
    parser.add_argument(
        "--source", default=PRODUCTION, help="owner/name@revision on the hub, or a folder (the production model)"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the baked model")
    parser.add_argument("--name", help="what to call it (the output folder's name)")
    parser.add_argument("--data", type=Path, help="folder with dev.tsv, to measure and check accuracy")
    parser.add_argument("--expect-digest", help="SHA-256 that the weights must have")
    parser.add_argument("--keep-weights", action="store_true", help="keep the fp32 weights, for the torch engine")


def bake(options: argparse.Namespace) -> int:
    """Bake, with progress on standard output.

    Raises:
        ModelError: a package is missing, or what `worker.modelling.bake.run` says.
    """
    if any(find_spec(package) is None for package in ("torch", "transformers", "onnx")):
        raise ModelError("baking needs the train extra: make bake, or pip install '.[worker,train]'")
    from worker.modelling.bake.run import Order, bake_model  # noqa: PLC0415

    manifest = bake_model(
        Order(
            options.source,
            options.output,
            options.name or options.output.resolve().name,
            options.data,
            options.expect_digest,
            options.keep_weights,
        ),
        _report,
    )
    assert manifest.parity is not None
    _report(f"fp32 graph: within {manifest.parity.fp32_max_difference:.1e} of the transformers pipeline")
    _report(f"int8 graph: same label on {manifest.parity.int8_agreement:.1%} of the built-in texts")
    if accuracy := manifest.accuracy:
        _report(
            f"{accuracy.data} ({accuracy.texts} texts): fp32 {accuracy.fp32:.4f}, int8 {accuracy.int8:.4f}, "
            f"same label on {accuracy.agreement:.1%}"
        )
    _report(f"version {manifest.version} in {options.output}")
    return 0


def _report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
