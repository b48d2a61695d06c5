"""The committed model against the scores that the transformers pipeline gave when it was baked."""

import pytest

from shared.process.settings import Settings
from worker.engines.loading import load_engine
from worker.engines.manifest import Manifest, load_manifest, model_dir, verify
from worker.engines.proof import read_reference
from worker.modelling.bake.measures.parity import (
    FP32_TOLERANCE,
    INT8_AGREEMENT,
    INT8_LOSS,
    agreement,
    largest_difference,
)
from worker.modelling.bake.texts import reference_texts

FOLDER = model_dir(Settings())
OTHER_PROCESSORS = 0.1
"""Rounding differs between processors, and int8 turns the last bit of an activation into a whole step."""


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return load_manifest(FOLDER)


def test_files_are_the_ones_that_were_baked(manifest: Manifest) -> None:
    verify(FOLDER, manifest)


def test_scores_agree_with_the_pipeline(manifest: Manifest) -> None:
    entries = read_reference(FOLDER)
    assert [entry.text for entry in entries] == reference_texts()
    expected = [entry.pipeline for entry in entries]
    engine = load_engine("onnx", FOLDER, 1)
    actual = [record.scores for record in engine.classify([entry.text for entry in entries])]
    assert manifest.parity is not None
    assert manifest.parity.int8_max_difference is not None
    assert agreement(expected, actual) >= INT8_AGREEMENT
    assert largest_difference(expected, actual) <= manifest.parity.int8_max_difference + OTHER_PROCESSORS
    mean = sum(abs(a[0] - b[0]) for a, b in zip(expected, actual, strict=True)) / len(expected)
    assert mean < 0.02


def test_the_manifest_records_what_was_required(manifest: Manifest) -> None:
    assert manifest.parity is not None
    assert manifest.accuracy is not None
    assert manifest.parity.fp32_max_difference <= FP32_TOLERANCE
    assert manifest.accuracy.texts == 872
    assert manifest.accuracy.fp32 >= 0.89
    assert manifest.accuracy.int8 is not None
    assert manifest.accuracy.fp32 - manifest.accuracy.int8 <= INT8_LOSS
    assert manifest.accuracy.agreement >= INT8_AGREEMENT


def test_the_folder_holds_nothing_else() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert sizes.keys() == {"NOTICE", "manifest.json", "reference.json", *load_manifest(FOLDER).files}
    assert sum(sizes.values()) < 25e6
