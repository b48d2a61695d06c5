"""The model in the repository on sentences with emoji, half of which were held out while its preparation was built."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from shared.process.settings import Settings
from worker.engines.base import Engine
from worker.engines.manifest import MANIFEST, model_dir
from worker.engines.onnx import load

SENTENCES = Path(__file__).parents[3] / "support" / "emoji"
MODEL = model_dir(Settings())
LABELS = ("NEGATIVE", "POSITIVE")


def read(name: str) -> list[tuple[str, str]]:
    """Return pairs of a label and a sentence."""
    with (SENTENCES / f"{name}.tsv").open(encoding="utf-8") as file:
        return [(label, text) for label, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def right(engine: Engine, sentences: list[tuple[str, str]]) -> int:
    """Count the sentences whose label has the higher score."""
    return sum(
        max(zip(engine.classify([text])[0].scores, LABELS, strict=True))[1] == label for label, text in sentences
    )


@pytest.fixture(scope="module")
def with_names() -> Engine:
    return load(MODEL, 1)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Provide the same weights without the preparation."""
    folder = tmp_path_factory.mktemp("without") / "model"
    shutil.copytree(MODEL, folder)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"preparation": []}))
    return load(folder, 1)


@pytest.mark.parametrize("name", ["built", "held_out"])
def test_names_of_emoji_make_more_answers_right(with_names: Engine, without: Engine, name: str) -> None:
    sentences = read(name)
    assert len(sentences) > 100
    before, after = right(without, sentences), right(with_names, sentences)
    print(f"{name}: {before} right without names, {after} with them, of {len(sentences)}")
    assert after >= before + len(sentences) // 10


def test_a_text_without_emoji_keeps_its_scores(with_names: Engine, without: Engine) -> None:
    for text in ("A gripping film.", "\u8fd9\u5bb6\u9910\u5385\u592a\u7cdf\u7cd5\u4e86", "#1 of 10 * 2, \u00a9 me"):
        assert with_names.classify([text])[0].scores == without.classify([text])[0].scores


def test_opposite_emoji_have_opposite_labels(with_names: Engine) -> None:
    assert right(with_names, [("POSITIVE", "\U0001f44d"), ("NEGATIVE", "\U0001f44e")]) == 2
