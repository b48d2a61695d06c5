"""The native code against plain NumPy, and every variant against the others."""

import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.errors import ModelError
from tests.support import encoder
from tests.support.native import integers, quantise
from tests.support.weights import random_weights
from tests.unit.worker.engines.native.conftest import VARIANTS
from worker.engines.native.library import REFERENCE_VARIANT, Arena, Model
from worker.engines.weights import Head, Shape, Weights, read_weights, write_weights

TOKENS = st.integers(0, 49)
TEXTS = st.lists(st.lists(TOKENS, min_size=1, max_size=40), min_size=1, max_size=6)
SHAPES = st.builds(
    lambda layers, heads, head, hidden, labels, embedding: Shape(
        layers, heads * head, 32 * hidden, heads, 50, 41, labels, 32 * embedding
    ),
    st.integers(1, 3),
    st.sampled_from([2, 4, 6]),
    st.sampled_from([16, 32, 64, 128]),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(0, 3),
)
HEADS = st.sampled_from(list(Head))


def test_variants_end_with_the_reference() -> None:
    assert VARIANTS[-1] == REFERENCE_VARIANT
    assert len(set(VARIANTS)) == len(VARIANTS)


@pytest.mark.parametrize("rows", [1, 4, 5, 13, 14, 16, 17, 26, 32, 33, 100])
def test_sums_are_exact(weights: Weights, weights_file: Path, variant: str, rows: int) -> None:
    rng = np.random.default_rng(rows)
    extreme = rng.choice(np.array([0, 1, 127, 128, 255], np.uint8), (rows, 64))
    for activations in (extreme, rng.integers(0, 256, (rows, 64), np.uint8)):
        exact = activations.astype(int) @ weights.layers[1].attention.weights.astype(int)
        assert np.array_equal(integers(Model(weights_file, variant), 1, activations), exact)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(2**-100, 2**100), zero=st.booleans())
def test_activations_are_quantised_exactly(weights_file: Path, seed: int, size: float, zero: bool) -> None:
    values = np.random.default_rng(seed).normal(0, size, (5, 64)).astype(np.float32)
    values[2] = 0 if zero else values[2]
    largest = np.abs(values).max(axis=1)
    scales = np.where(largest > 0, largest / np.float32(127), np.float32(1))
    expected = np.rint(values * (np.float32(1) / scales)[:, None]).astype(int) + 128
    for name in VARIANTS:
        bytes_, found = quantise(Model(weights_file, name), values)
        assert np.array_equal(found, scales)
        assert np.array_equal(bytes_, expected)


def test_logits_are_those_of_the_reference(weights: Weights, weights_file: Path, variant: str) -> None:
    rng = np.random.default_rng(3)
    texts = [rng.integers(0, 50, tokens).tolist() for tokens in range(1, 41)]
    found = Arena(Model(weights_file, variant), 40)
    differences = [np.abs(np.array(found.logits([text])[0]) - encoder.logits(weights, text)).max() for text in texts]
    # An activation on the edge between two levels may be rounded to either; without one, only fp32's rounding is left.
    assert np.median(differences) < 1e-5
    assert max(differences) < 0.1


@pytest.mark.parametrize("head", Head)
@pytest.mark.parametrize(("padding", "embedding"), [(-1, 128), (7, 0), (7, 32)])
def test_every_form_is_that_of_the_reference(
    tmp_path: Path, variant: str, head: Head, padding: int, embedding: int
) -> None:
    made = random_weights(Shape(2, 64, 128, 2, 20, 31, 300, embedding), head=head, padding=padding)
    write_weights(tmp_path / "weights.bin", made)
    if variant not in _that_fit(tmp_path / "weights.bin"):
        return  # the tables are too narrow for its tiles
    model = Model(tmp_path / "weights.bin", variant)
    assert model.positions == 31 - (padding >= 0)
    rng = np.random.default_rng(3)
    texts = [rng.integers(0, 20, tokens).tolist() for tokens in range(1, 31)]
    assert any(padding in text[1:-1] for text in texts) == (padding >= 0)
    found = Arena(model, 500).logits(texts)
    differences = [
        np.abs(np.array(row) - encoder.logits(made, text)).max() for row, text in zip(found, texts, strict=True)
    ]
    # All but a few texts have no activation on the edge between two levels.
    assert np.median(differences) < 1e-5
    assert np.mean(np.array(differences) < 1e-3) > 0.75


def test_a_file_of_version_1_is_a_head_with_relu(weights_file: Path, tmp_path: Path, variant: str) -> None:
    content = bytearray(weights_file.read_bytes())
    content[4:8], content[40:52] = struct.pack("<i", 1), struct.pack("<3i", 96, 2, 8)
    (tmp_path / "old.bin").write_bytes(content)
    texts = [[1, 2, 3], [7, 7]]
    expected = Arena(Model(weights_file, variant), 40).logits(texts)
    assert Arena(Model(tmp_path / "old.bin", variant), 40).logits(texts) == expected


@pytest.mark.parametrize(("at", "value"), [(4, 0), (4, 3), (40, -32), (40, 33), (44, -1), (44, 3), (48, -1), (48, 51)])
def test_a_form_that_no_engine_computes_is_refused(weights_file: Path, tmp_path: Path, at: int, value: int) -> None:
    content = bytearray(weights_file.read_bytes())
    content[at : at + 4] = struct.pack("<i", value)
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(ModelError, match="cannot run the weights"):
        Model(tmp_path / "other.bin", REFERENCE_VARIANT)
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(tmp_path / "other.bin")


@settings(max_examples=30, deadline=None)
@given(shape=SHAPES, texts=TEXTS, head=HEADS, padding=st.sampled_from([-1, 7]))
def test_bits_are_the_same_alone_among_others_and_on_every_variant(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape, texts: list[list[int]], head: Head, padding: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "weights.bin"
    write_weights(path, random_weights(shape, head=head, padding=padding))
    among = Arena(Model(path, REFERENCE_VARIANT), 240).logits(texts)
    for name in _that_fit(path):
        arena = Arena(Model(path, name), 240)
        assert arena.logits(texts) == among
        assert [arena.logits([text])[0] for text in texts] == among


def _that_fit(path: Path) -> list[str]:
    fitting = []
    for name in VARIANTS:
        try:
            Model(path, name)
        except ModelError:
            assert name == "amx-int8"  # its tiles are 64 deep, the other variants take all that has panels
        else:
            fitting.append(name)
    return fitting


@pytest.mark.parametrize("tokens", [1, 2, 511, 512])
def test_short_and_long_texts(tmp_path: Path, variant: str, tokens: int) -> None:
    write_weights(tmp_path / "weights.bin", random_weights(Shape(1, 64, 64, 1, 50, 512, 2)))
    text = np.random.default_rng(tokens).integers(0, 50, tokens).tolist()
    found = Arena(Model(tmp_path / "weights.bin", variant), 512).logits([text])
    assert found == Arena(Model(tmp_path / "weights.bin", REFERENCE_VARIANT), 512).logits([text])


def test_threads_do_not_disturb_each_other(weights_file: Path, variant: str) -> None:
    model = Model(weights_file, variant)
    texts = [[n % 50, *range(n % 30)] for n in range(200)]
    expected = [Arena(model, 40).logits([text]) for text in texts]
    wrong: list[int] = []

    def run() -> None:
        arena = Arena(model, 40)
        wrong.extend(n for n, text in enumerate(texts) if arena.logits([text]) != expected[n])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([[0, 50]], "outside the vocabulary"),
        ([[-1]], "outside the vocabulary"),
        ([[]], "impossible length"),
        ([[1], []], "impossible length"),
        ([[1] * 41], "impossible length"),
        ([[1] * 30, [1] * 30], "too many tokens"),
    ],
)
def test_impossible_texts_are_refused(weights_file: Path, variant: str, texts: list[list[int]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Arena(Model(weights_file, variant), 50).logits(texts)


def test_what_cannot_be_run_is_refused(weights_file: Path, tmp_path: Path) -> None:
    (tmp_path / "short.bin").write_bytes(weights_file.read_bytes()[:-1])
    write_weights(tmp_path / "odd.bin", random_weights(Shape(1, 36, 52, 3, 50, 40, 2)))
    for path in (tmp_path / "short.bin", tmp_path / "odd.bin", tmp_path / "missing.bin", tmp_path):
        with pytest.raises(ModelError, match="cannot run the weights"):
            Model(path, REFERENCE_VARIANT)
    with pytest.raises(ModelError, match="variant z80 cannot run"):
        Model(weights_file, "z80")
