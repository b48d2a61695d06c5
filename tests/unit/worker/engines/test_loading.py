"""Which engines are taken, and how the others are refused: in one sentence, before anything is served."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.contract.errors import ModelError
from tests.support.models import write_model
from worker.engines.base import TextScores
from worker.engines.loading import load_engine

SPEC = "tests.support.engines:own"
Load = Callable[[Any], Any]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", built_at=1)


@pytest.fixture
def load(model: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load an engine of the user's own from its factory."""

    def load(factory: Any) -> Any:
        monkeypatch.setattr("tests.support.engines.own", factory, raising=False)
        return load_engine(SPEC, model, 3)

    return load


class Constant:
    name = "constant"

    def __init__(self, model_dir: Path, threads: int) -> None:
        self.given = (model_dir, threads)

    def scores(self, text: str) -> Any:
        assert self.given[1] == 3
        return (0.0, 1.0) if text else (1.0, 0.0)


class Batching:
    def __init__(self, model_dir: Path, threads: int) -> None: ...

    def classify(self, texts: Sequence[str]) -> Any:
        return [TextScores((0.25, 0.75), len(text), 1) for text in texts]


def answering(value: Any) -> type:
    """Make an engine that answers every text alike."""

    class Answering(Constant):
        def scores(self, *_: Any) -> Any:
            return value

    return Answering


def test_an_engine_of_single_texts_is_asked_for_each(load: Load) -> None:
    engine = load(Constant)
    assert engine.name == "constant"
    assert engine.classify(["", "text"]) == [TextScores((1.0, 0.0)), TextScores((0.0, 1.0))]


def test_an_engine_of_many_texts_gives_its_own_records(load: Load) -> None:
    engine = load(Batching)
    assert engine.name == SPEC
    assert engine.classify(["a", "bc"]) == [TextScores((0.25, 0.75), 1, 1), TextScores((0.25, 0.75), 2, 1)]


@pytest.mark.parametrize(
    "scores", [lambda: [0.25, 0.75], lambda: np.array([0.25, 0.75], np.float32), lambda: iter((0.25, 0.75))]
)
def test_any_sequence_of_any_numbers_is_taken(load: Load, scores: Callable[[], Any]) -> None:
    class Own(Constant):
        def scores(self, text: str) -> Any:
            return scores() if text else None

    (record,) = load(Own).classify(["text"])
    assert record.scores == (0.25, 0.75)
    assert all(type(score) is float for score in record.scores)


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ((1.0,), "returns 1 scores; the model's manifest has 2 labels"),
        ((0.2, 0.3, 0.5), "returns 3 scores; the model's manifest has 2 labels"),
        ((), "returns 0 scores"),
        ((math.nan, 1.0), "a score that is not between 0 and 1"),
        ((math.inf, 0.0), "a score that is not between 0 and 1"),
        ((-3.2, 4.1), "a score that is not between 0 and 1"),
        (0.5, "returns a float, not a sequence of numbers"),
        (None, "returns a NoneType, not a sequence of numbers"),
        (("0.5", "0.5"), "returns a tuple, not a sequence of numbers"),
        ({"NEGATIVE": 0.1, "POSITIVE": 0.9}, "returns a dict, not a sequence of numbers"),
        ([[0.1, 0.9]], "returns a list, not a sequence of numbers"),
        (np.array([[0.1, 0.9]]), "returns a ndarray, not a sequence of numbers"),
        ((0.5 + 0j, 0.5), "returns a tuple, not a sequence of numbers"),
    ],
    ids=repr,
)
def test_scores_that_are_no_answer_are_refused(load: Load, scores: Any, told: str) -> None:
    _refused(load, answering(scores), told)


class NoArgument(Constant):
    def scores(self) -> Any:  # type: ignore[override]
        return (0.0, 1.0)


class Raising(Constant):
    def scores(self, *_: Any) -> Any:
        raise RuntimeError("no\nsuch device")


class TooFew(Batching):
    def classify(self, *_: Any) -> Any:
        return []


class Tuples(Batching):
    def classify(self, texts: Sequence[str]) -> Any:
        return [(0.25, 0.75) for _ in texts]


class Nothing:
    def __init__(self, model_dir: Path, threads: int) -> None: ...


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        (NoArgument, "cannot classify a sentence: TypeError: .*takes 1 positional argument"),
        (Raising, "cannot classify a sentence: RuntimeError: no$"),
        (TooFew, "does not return a list with a record for each text"),
        (Tuples, "returns a tuple, not TextScores"),
        (Nothing, r"has neither classify\(texts\) nor scores\(text\)"),
        (lambda: Constant, "cannot be loaded: TypeError: .*takes 0 positional arguments"),
        (3, "cannot be loaded: TypeError: 'int' object is not callable"),
    ],
)
def test_what_is_no_engine_is_refused(load: Load, factory: Any, told: str) -> None:
    _refused(load, factory, told)


def test_an_engines_own_sentence_is_kept(load: Load) -> None:
    def factory(model_dir: Path, threads: int) -> Any:
        raise ModelError("this machine has no such accelerator")

    with pytest.raises(ModelError, match=r"^this machine has no such accelerator$"):
        load(factory)


def test_a_wrong_answer_later_is_refused_too(load: Load) -> None:
    class Later(Constant):
        def scores(self, text: str) -> Any:
            return (0.0, 1.0) if text.startswith("This sentence") else (math.nan, math.nan)

    engine = load(Later)
    with pytest.raises(ModelError, match="not between 0 and 1"):
        engine.classify(["secret"])


@pytest.mark.parametrize(("logits", "told"), [((1.0,), "1 logits for 2 labels"), ("ab", "not a sequence of numbers")])
def test_logits_that_are_not_one_a_label_are_refused(load: Load, logits: Any, told: str) -> None:
    class Told:
        def __init__(self, model_dir: Path, threads: int) -> None: ...

        def classify(self, texts: Sequence[str]) -> list[TextScores]:
            return [TextScores((0.5, 0.5), logits=logits) for _ in texts]

    _refused(load, Told, told)


@pytest.mark.parametrize("spec", ["tensorflow", "", "worker.engines.base"])
def test_an_unknown_name_is_refused(spec: str, model: Path) -> None:
    with pytest.raises(ModelError, match="no engine is called"):
        load_engine(spec, model, 1)


@pytest.mark.parametrize("spec", ["no_such_module:factory", "worker.engines.base:no_such_factory", ":factory"])
def test_a_factory_that_is_not_there_is_named(spec: str, model: Path) -> None:
    with pytest.raises(ModelError, match=f"the engine '{spec}' cannot be loaded"):
        load_engine(spec, model, 1)


def _refused(load: Load, factory: Any, told: str) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        load(factory)
    assert str(caught.value).startswith(f"the engine '{SPEC}' ")
    assert "\n" not in str(caught.value)
