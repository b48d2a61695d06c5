"""The command line of baking. Light: nothing of ML is imported before it runs."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.contract.errors import ModelError

if TYPE_CHECKING:
    from worker.engines.manifest import Manifest

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
    parser.add_argument("--description", default="", help="one sentence about it, for people")
    parser.add_argument("--languages", default="", help="ISO 639 codes, separated by commas: en,de")
    parser.add_argument("--labels", help="names of the outputs in their order, separated by commas (the model's own)")
    parser.add_argument(
        "--task",
        choices=("single-label", "multi-label"),
        help="one label a text, or any number of them (the model's problem_type)",
    )
    parser.add_argument(
        "--threshold", type=_share, default=0.5, help="score from which one of many labels applies (0.5)"
    )
    parser.add_argument("--max-tokens", type=int, help="where texts are truncated (the model's greatest length)")
    parser.add_argument(
        "--prepare",
        default="",
        help="changes to each text before it is tokenized, separated by commas: nfc (composed characters), emoji-names "
        "(emoji as their English names); they are part of the version (none)",
    )
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8", help="of the weights (int8)")
    parser.add_argument("--data", type=Path, help="folder with dev.tsv, to measure and check accuracy")
    parser.add_argument("--calibrate", action="store_true", help="fit a temperature on the data")
    parser.add_argument("--expect-digest", help="SHA-256 that the weights must have")
    parser.add_argument("--keep-weights", action="store_true", help="keep the fp32 weights, for the torch engine")


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def bake(options: argparse.Namespace) -> int:
    """Bake, with progress on standard output.

    Raises:
        ModelError: a package is missing, or what `worker.modelling.bake.run` says.
    """
    if any(find_spec(package) is None for package in ("torch", "transformers", "onnx")):
        raise ModelError("baking needs the train extra: make bake, or pip install '.[worker,train]'")
    from worker.modelling.bake.order import Order  # noqa: PLC0415
    from worker.modelling.bake.run import bake_model  # noqa: PLC0415

    order = Order(
        source=options.source,
        output=options.output,
        name=options.name or options.output.resolve().name,
        data=options.data,
        expected_digest=options.expect_digest,
        keep_weights=options.keep_weights,
        labels=options.labels,
        task=options.task,
        threshold=options.threshold,
        precision=options.precision,
        max_tokens=options.max_tokens,
        languages=_list(options.languages),
        preparation=_list(options.prepare),
        description=options.description,
        calibrate=options.calibrate,
    )
    _tell(bake_model(order, _report))
    _report(f"written to {options.output}")
    return 0


def _tell(manifest: "Manifest") -> None:
    """Report the measurements of a bake."""
    assert manifest.parity is not None
    _report(f"{manifest.architecture}, {len(manifest.labels)} labels, {manifest.task}, {manifest.max_tokens} tokens")
    _report(f"fp32 graph: within {manifest.parity.fp32_max_difference:.1e} of the transformers pipeline")
    if manifest.precision == "int8":
        _report(f"int8 graph: same label on {manifest.parity.int8_agreement:.1%} of the built-in texts")
    if accuracy := manifest.accuracy:
        int8 = "" if accuracy.int8 is None else f", int8 {accuracy.int8:.4f}, same label on {accuracy.agreement:.1%}"
        _report(f"{accuracy.data} ({accuracy.texts} texts): fp32 {accuracy.fp32:.4f}{int8}")
    if calibration := manifest.calibration:
        fitted = f" at the temperature {manifest.temperature:g}" if manifest.temperature != 1 else ""
        _report(f"expected calibration error: {calibration.error:.4f}{fitted}")
    _report(f"version {manifest.version}")


def _report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
