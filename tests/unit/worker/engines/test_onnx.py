"""ONNX Runtime on the committed model, and on a folder of schema 1."""

import json
import math
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from shared.process.settings import Settings
from tests.support.scheme import write_old_model
from worker.engines.base import Engine
from worker.engines.loading import load_engine
from worker.engines.manifest import MANIFEST, load_manifest, model_dir
from worker.engines.onnx import MODEL_FILE
from worker.engines.proof import read_reference
from worker.engines.text.tokenizer import TOKENIZER_FILE, TextTokenizer

FOLDER = model_dir(Settings())


def scores_of(engine: Engine, text: str) -> tuple[float, ...]:
    return engine.classify([text])[0].scores


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine("onnx", FOLDER, 1)


def test_labels_are_in_order(engine: Engine) -> None:
    happy, sad = (
        record.scores
        for record in engine.classify(
            ["An absolute delight from beginning to end.", "A complete waste of time and money."]
        )
    )
    positive = load_manifest(FOLDER).labels.index("POSITIVE")
    assert happy[positive] > 0.9
    assert sad[positive] < 0.1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_gets_scores_that_sum_to_one(engine: Engine, text: str) -> None:
    scores = scores_of(engine, text)
    assert len(scores) == 2
    assert all(0 <= score <= 1 for score in scores)
    assert math.isclose(sum(scores), 1, abs_tol=1e-9)


def test_an_answer_depends_on_its_text_alone(engine: Engine) -> None:
    texts = ["Lovely.", "word " * 400, "", "Dreadful service, never again.", "\U0001f600 " * 50]
    alone = [load_engine("onnx", FOLDER, 1).classify([text])[0] for text in texts]
    assert engine.classify(texts) == alone
    assert engine.classify(texts[::-1]) == alone[::-1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: engine.classify([text])[0], texts * 4)) == alone * 4


def test_words_that_the_vocabulary_lacks_are_counted(engine: Engine) -> None:
    known, unknown = engine.classify(["A lovely day.", "A lovely \u4dc0 \u4dc1 day."])
    assert (known.tokens, known.unknown_tokens) == (6, 0)
    assert (unknown.tokens, unknown.unknown_tokens) == (8, 2)


def test_what_comes_after_512_tokens_is_not_read(engine: Engine) -> None:
    words = MAX_TOKENS - 2  # [CLS] and [SEP] take two
    full = "good " * words
    assert scores_of(engine, full + "bad " * 200) == scores_of(engine, full)
    assert scores_of(engine, "good " * (words - 1) + "bad " * 200) != scores_of(engine, full)


@pytest.mark.parametrize("words", [0, 1, MAX_TOKENS - 2, MAX_TOKENS - 1, 3 * MAX_TOKENS + 7])
def test_tokens_are_counted_before_truncation_too(engine: Engine, words: int) -> None:
    (record,) = engine.classify(["good " * words])
    assert (record.tokens, record.tokens_before) == (min(MAX_TOKENS, words + 2), words + 2)


def test_logits_are_the_outputs_before_the_activation(engine: Engine) -> None:
    (record,) = engine.classify(["A lovely day."])
    assert record.logits is not None
    assert math.log(record.scores[1] / record.scores[0]) == pytest.approx(record.logits[1] - record.logits[0])


def test_truncation_keeps_the_marks_at_both_ends() -> None:
    text = TextTokenizer(FOLDER)
    short, long = text.ids("bad"), text.ids("bad " * 600)
    assert len(long) == MAX_TOKENS
    assert (long[0], long[-1]) == (short[0], short[-1])
    assert set(long[1:-1]) == {short[1]}


@pytest.fixture(scope="module")
def old_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_old_model(tmp_path_factory.mktemp("schema-1") / "old")


@pytest.fixture
def old(old_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old_folder, tmp_path / "old"))


def change(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def test_a_folder_of_schema_1_is_served_as_it_was(old: Path) -> None:
    engine = load_engine("onnx", old, 2)
    entries = read_reference(old)
    records = engine.classify([entry.text for entry in entries])
    assert engine.variant == "in-graph"
    for entry, record in zip(entries, records, strict=True):
        assert abs(entry.pipeline[0] - record.scores[0]) < 0.04


def test_the_manifest_says_where_to_truncate(old: Path) -> None:
    change(old, max_tokens=8)
    engine = load_engine("onnx", old, 1)
    assert scores_of(engine, "good " * 6) == scores_of(engine, "good " * 6 + "bad " * 90)


def test_a_file_that_the_manifest_does_not_list_is_not_loaded(old: Path) -> None:
    change(old, files={MODEL_FILE: load_manifest(old).files[MODEL_FILE]})
    with pytest.raises(ModelError, match=r"does not list tokenizer\.json"):
        load_engine("onnx", old, 1)


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_a_broken_file_is_one_clear_sentence(old: Path, name: str, content: bytes | None) -> None:
    (old / name).unlink()
    if content is not None:
        (old / name).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_engine("onnx", old, 1)
    assert "\n" not in str(caught.value)
