"""A small file of weights and the variants that this processor runs."""

from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from tests.support.weights import random_weights
from worker.engines.native.library import variants
from worker.engines.weights import Shape, Weights, write_weights

try:
    VARIANTS = variants()
except ModelError as error:  # without the library every test here must fail, and say why
    VARIANTS = [f"none: {error}"]


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def weights() -> Weights:
    return random_weights(Shape(layers=2, width=64, hidden=128, heads=2, vocabulary=50, positions=40, labels=3))


@pytest.fixture(scope="session")
def weights_file(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "weights.bin"
    write_weights(path, weights)
    return path
