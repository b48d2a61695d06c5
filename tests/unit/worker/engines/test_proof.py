"""The proof at a worker's start: an engine that computes otherwise than the bake does not serve."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.contract.errors import ModelError
from shared.contract.tokens import Cost
from worker.engines.base import TextScores
from worker.engines.processor import processor
from worker.engines.proof import REFERENCE_FILE, Entry, Scores, few, prove, read_reference, write_reference
from worker.modelling.bake.texts import reference_texts

ENTRIES = [Entry(f"text {number}", (0.5, 0.5), (0.3, 0.7)) for number in range(4)]


class Engine:
    """Gives the scores of the reference, changed."""

    name = "quick"
    variant = "avx-9"

    def __init__(self, change: Callable[[Scores], Scores], wrong: str = "") -> None:
        self._change = change
        self._wrong = wrong
        self.texts: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        self.texts += texts
        known = {entry.text: entry.scheme or () for entry in ENTRIES}
        return [TextScores(self._change(known[text]) if self._wrong in text else known[text]) for text in texts]


def off(by: float) -> Callable[[Scores], Scores]:
    return lambda scores: (scores[0] + by, scores[1] - by)


@pytest.mark.parametrize("by", [0, 0.039, -0.039])
def test_an_engine_within_the_bound_serves(by: float) -> None:
    engine = Engine(off(by))
    prove(engine, ENTRIES)
    assert engine.texts == [entry.text for entry in ENTRIES]


@pytest.mark.parametrize("by", [0.041, -0.041, 0.4, float("nan")])
def test_one_wrong_answer_is_enough_for_a_refusal_that_names_engine_and_processor(by: float) -> None:
    with pytest.raises(ModelError) as caught:
        prove(Engine(off(by), wrong="3"), ENTRIES)
    told = str(caught.value)
    assert told.startswith(f"the engine 'quick' (variant avx-9) must not serve on this processor ({processor()}): ")
    assert "1 of 4 answers are not those of the bake" in told
    assert "\n" not in told


def test_where_a_model_is_undecided_either_label_is_right() -> None:
    class Deciding(Engine):
        def classify(self, texts: Sequence[str]) -> list[TextScores]:
            return [TextScores((0.51, 0.49)) for _ in texts]

    prove(Deciding(off(0)), [Entry("text", (0.48, 0.52), (0.48, 0.52))])


def test_nothing_is_proven_by_a_reference_without_scores_of_the_scheme() -> None:
    for entries in ([], [Entry("text 1", (0.5, 0.5), None)]):
        with pytest.raises(ModelError, match=r"reference\.json holds no scores"):
            prove(Engine(off(0)), entries)


def test_a_start_computes_few_short_texts_of_different_lengths() -> None:
    chosen = few([Entry(text, (0.5, 0.5), (0.5, 0.5)) for text in reference_texts()])
    tokens = [Cost().estimate(entry.text) for entry in chosen]
    assert tokens == sorted(tokens)
    assert len(set(tokens)) == len(tokens) == 6
    assert sum(tokens) < 130
    assert few([]) == []
    assert {entry.text for entry in few(ENTRIES[:2])} == {"text 0", "text 1"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_reference(tmp_path, ENTRIES)
    assert read_reference(tmp_path) == ENTRIES


def test_a_reference_of_schema_1_has_the_pipelines_scores_alone(tmp_path: Path) -> None:
    (tmp_path / REFERENCE_FILE).write_text(json.dumps([{"text": "a", "scores": [0.25, 0.75]}]))
    assert read_reference(tmp_path) == [Entry("a", (0.25, 0.75), None)]


@pytest.mark.parametrize("content", [None, "", "{", "7", "[7]", '[{"text": "a"}]', '[{"text": "a", "scores": 7}]'])
def test_a_reference_that_is_none_is_one_clear_sentence(content: Any, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / REFERENCE_FILE).write_text(content)
    with pytest.raises(ModelError, match=r"reference\.json cannot be read$"):
        read_reference(tmp_path)
