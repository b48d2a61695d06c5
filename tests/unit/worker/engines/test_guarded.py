import json

import pytest

from worker.engines.guarded import ModelProcess


class Engine:
    """Answers alike, or raises."""

    name = "fake"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.broken = False

    def scores(self, text: str) -> tuple[float, ...]:
        self.texts.append(text)
        if self.broken:
            raise RuntimeError
        return 0.25, 0.75


def test_a_new_process_is_not_proven() -> None:
    process = ModelProcess(Engine(), "v", 1)
    assert process.idle_seconds == float("inf")


def test_warming_up_proves_and_measures() -> None:
    engine = Engine()
    process = ModelProcess(engine, "v", 1)
    assert process.warm_up() > 0
    assert process.idle_seconds < float("inf")
    assert len(engine.texts) > 1


def test_a_prediction_is_the_stored_form() -> None:
    body = ModelProcess(Engine(), "v", 1).predict("text")
    assert json.loads(body)[0] == {"label": "POSITIVE", "score": 0.75}


def test_what_fails_proves_nothing_and_blocks_nobody() -> None:
    engine = Engine()
    process = ModelProcess(engine, "v", 1)
    engine.broken = True
    with pytest.raises(RuntimeError):
        process.predict("text")
    assert process.idle_seconds == float("inf")
    engine.broken = False
    process.predict("text")
    assert process.idle_seconds < float("inf")
