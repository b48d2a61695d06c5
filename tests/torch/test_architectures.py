"""Every architecture, task, number of labels and kind of tokenizer, against the live transformers pipeline."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from transformers import pipeline

from tests.support.tokenizers import BYTE_LEVEL, SENTENCEPIECE, WORDPIECE, Kind
from tests.support.trained import ENCODERS, OTHERS, save_trained
from worker.engines.base import Engine
from worker.engines.loading import load_engine
from worker.engines.manifest import Manifest, load_manifest
from worker.engines.proof import Scores, decisions, difference, read_reference
from worker.modelling.bake.measures.parity import FP32_TOLERANCE, INT8_AGREEMENT
from worker.modelling.bake.order import Order
from worker.modelling.bake.run import bake_model

pytestmark = pytest.mark.torch

SCRIPTS = [
    "A lovely film, and a sad one.",
    "\u0424\u0438\u043b\u044c\u043c \u0431\u044b\u043b \u043e\u0442\u043b\u0438\u0447\u043d\u044b\u0439!",
    "\u0643\u0627\u0646 \u0627\u0644\u0637\u0639\u0627\u0645 \u0631\u0627\u0626\u0639\u0627\u064b",
    "\u092f\u0939 \u0915\u093f\u0924\u093e\u092c \u092c\u0939\u0941\u0924 \u0905\u091a\u094d\u091b\u0940 \u0939\u0948",
    "\u8fd9\u90e8\u7535\u5f71\u592a\u68d2\u4e86\uff0c\u6211\u54ed\u4e86\u3002",
    "\uc815\ub9d0 \ucd5c\uc545\uc758 \uc11c\ube44\uc2a4\uc600\uc5b4\uc694",
    "\u0e2d\u0e32\u0e2b\u0e32\u0e23\u0e2d\u0e23\u0e48\u0e2d\u0e22\u0e21\u0e32\u0e01 \U0001f44d\U0001f3fd",
]
MARKS = ["<pad>", "<pad> a good film <pad><pad> and a bad one <pad>", "<s> in a text </s> <unk>", "a" + "<pad>" * 200]
"""Special tokens that an author has written: they are tokens of the text."""


class Case(NamedTuple):
    """One model."""

    architecture: str
    labels: int
    multi: bool = False
    kind: Kind | None = None


CASES = [
    Case("distilbert", 3),
    Case("distilbert", 28, multi=True, kind=BYTE_LEVEL),
    Case("bert", 2),
    Case("bert", 6, multi=True),
    Case("bert", 300, kind=SENTENCEPIECE),
    Case("roberta", 28),
    Case("roberta", 3, multi=True, kind=WORDPIECE),
    Case("xlm-roberta", 6),
    Case("camembert", 2, multi=True),
    Case("electra", 300),
    Case("electra", 2),
    Case("mpnet", 3),
    Case("albert", 28, multi=True),
    Case("deberta-v2", 2),
    Case("modernbert", 6),
]


class Baked(NamedTuple):
    """A trained folder and what was baked of it."""

    case: Case
    trained: Path
    folder: Path
    manifest: Manifest


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case.architecture}-{case.labels}")
def baked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Baked:
    case: Case = request.param
    root = tmp_path_factory.mktemp(case.architecture)
    trained = save_trained(
        root / "trained",
        case.architecture,
        [f"label {number}" for number in range(case.labels)],
        kind=case.kind,
        problem_type="multi_label_classification" if case.multi else None,
    )
    return Baked(case, trained, root / "baked", bake(trained, root / "baked"))


def bake(trained: Path, folder: Path, **options: Any) -> Manifest:
    return bake_model(Order(str(trained), folder, folder.name, **options), lambda _line: None)


def live(trained: Path) -> Callable[[str], Scores]:
    """Return the pipeline as its users call it, with scores in the order of the labels."""
    classify = pipeline("text-classification", model=str(trained), device="cpu", top_k=None)
    names = classify.model.config.id2label

    def scores(text: str) -> Scores:
        (entries,) = classify([text], truncation=True)
        by_label = {entry["label"]: float(entry["score"]) for entry in entries}
        return tuple(by_label[names[index]] for index in range(len(names)))

    return scores


def at_lengths(longest: int) -> Iterator[str]:
    """Yield texts about as long as the model reads, and longer."""
    for words in (longest // 2, longest - 3, longest - 2, longest - 1, longest, longest + 1, 3 * longest):
        yield " ".join(["a"] * words)


def test_the_manifest_says_what_the_model_is(baked: Baked) -> None:
    case, manifest = baked.case, baked.manifest
    assert manifest.version == load_manifest(baked.folder).version
    assert manifest.labels == tuple(f"label {number}" for number in range(case.labels))
    assert (manifest.architecture, manifest.task == "multi-label") == (case.architecture, case.multi)
    assert manifest.max_tokens == {"distilbert": 512, "modernbert": 600}.get(case.architecture, 128)
    assert manifest.engines == (("native", "onnx") if case.architecture in ENCODERS else ("onnx",))
    assert 1 < manifest.bytes_per_token < 6
    card = manifest.card()
    assert (card.precision, card.polarity, card.labels) == ("int8", {}, manifest.labels)


def test_every_engine_answers_as_the_pipeline_does(baked: Baked) -> None:
    entries, rule = read_reference(baked.folder), baked.manifest.deciding
    expected = [entry.pipeline for entry in entries]
    assert len({decisions(scores, rule) for scores in expected}) > 1, "answers must vary, or parity shows nothing"
    for name in baked.manifest.engines:
        engine = load_engine(name, baked.folder, 1)
        given = [record.scores for record in engine.classify([entry.text for entry in entries])]
        same = [decisions(one, rule) == decisions(other, rule) for one, other in zip(given, expected, strict=True)]
        assert np.mean(same) >= INT8_AGREEMENT - 0.01 * baked.case.multi * baked.case.labels
        # Random weights amplify the rounding of an activation in the middle between two levels.
        apart = [difference(one, entry.scheme or ()) for one, entry in zip(given, entries, strict=True)]
        assert np.median(apart) < 1e-3
        assert np.mean(np.array(apart) < 0.04) > 0.98


def test_the_default_engine_is_the_fastest_that_runs_it(baked: Baked) -> None:
    engine: Engine = load_engine("auto", baked.folder, 1)
    assert engine.name in baked.manifest.engines
    assert (engine.name == "onnx") == (baked.case.architecture in OTHERS) or engine.name == "onnx"


def test_fp32_is_the_pipelines_to_the_last_digits_in_six_scripts_and_at_every_length(
    baked: Baked, tmp_path: Path
) -> None:
    manifest = bake(baked.trained, tmp_path / "fp32", precision="fp32")
    assert (manifest.precision, manifest.engines, manifest.scheme) == ("fp32", ("onnx",), "fp32")
    engine, classify = load_engine("auto", tmp_path / "fp32", 1), live(baked.trained)
    texts = [*SCRIPTS, *MARKS, *at_lengths(manifest.max_tokens)]
    records = engine.classify(texts)
    for text, record in zip(texts, records, strict=True):
        assert difference(record.scores, classify(text)) < FP32_TOLERANCE, text[:50]
    whole = [record for record in records if record.tokens == record.tokens_before]
    cut = [record.tokens for record in records if record.tokens != record.tokens_before]
    assert max(record.tokens or 0 for record in whole) >= manifest.max_tokens - 2
    assert set(cut) == {manifest.max_tokens}
    assert engine.variant == "fp32"
