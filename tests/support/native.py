"""The native engine for tests: its integer parts, its other builds, and a program that runs one file of weights."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import worker.engines.native
from load.bench.engine.kernel import Product, at
from worker.engines.native.library import Model, load
from worker.engines.weights import Float

SOURCE = Path(worker.engines.native.__file__).parent / "source"
DRIVER = Path(__file__).parent / "native_driver.c"


def quantise(model: Model, values: Float) -> tuple[NDArray[np.uint8], Float]:
    """Quantise activations [rows, columns]; return bytes of the same shape, and one scale a row."""
    rows, columns = values.shape
    quantised, scales = np.empty((rows, columns), np.uint8), np.empty(rows, np.float32)
    load().sentiment_quantise(model.handle, at(values), rows, columns, at(quantised), at(scales))
    return quantised, scales


def integers(model: Model, layer: int, activations: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the bare sums of a layer's first product, [rows, 3 * width]."""
    product = Product(model, layer, activations)
    product.run()
    return product.sums


def compile_driver(program: Path, *flags: str) -> Path:
    """Compile engine and driver into one program."""
    sources = [str(path) for path in sorted(SOURCE.glob("*.c"))]
    command = ["gcc", "-std=gnu11", "-O2", "-ffp-contract=off", *flags, f"-I{SOURCE}", "-o", str(program)]
    subprocess.run([*command, str(DRIVER), *sources, "-lm"], check=True, timeout=300)
    return program


def drive(program: Sequence[str], weights: Path, variant: str, texts: Sequence[Sequence[int]]) -> Any:
    """Run the driver; return its output, its errors and its status."""
    arguments = [",".join(map(str, text)) for text in texts]
    return subprocess.run(
        [*program, str(weights), variant, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def offered(program: Sequence[str]) -> list[str]:
    """Return the variants that the driver finds where it runs."""
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout.split()
