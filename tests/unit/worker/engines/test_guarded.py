from collections.abc import Sequence

import pytest

from worker.engines.base import TextScores
from worker.engines.facts import Source
from worker.engines.guarded import GuardedEngine
from worker.engines.manifest import Manifest

MANIFEST = Manifest(
    name="model",
    source=Source(kind="folder", name="model", revision="0"),
    labels=("down", "up"),
    quantisation="none",
    built_at=1,
    files={},
)


class Engine:
    """Answers alike, or raises."""

    name = "fake"
    variant = "plain"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.broken = False

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        self.texts += texts
        if self.broken:
            raise RuntimeError
        return [TextScores((0.25, 0.75)) for _ in texts]


def test_a_new_engine_is_not_proven() -> None:
    assert GuardedEngine(Engine(), MANIFEST).idle_seconds == float("inf")


def test_it_tells_its_models_identity() -> None:
    guarded = GuardedEngine(Engine(), MANIFEST)
    assert (guarded.version, guarded.built_at, guarded.labels) == (MANIFEST.version, 1, ("down", "up"))
    assert (guarded.engine, guarded.variant) == ("fake", "plain")


def test_warming_up_proves_and_measures() -> None:
    engine = Engine()
    guarded = GuardedEngine(engine, MANIFEST)
    assert guarded.warm_up() > 0
    assert guarded.idle_seconds < float("inf")
    assert len(engine.texts) > 1


def test_a_failure_proves_nothing_and_blocks_nobody() -> None:
    engine = Engine()
    guarded = GuardedEngine(engine, MANIFEST)
    engine.broken = True
    with pytest.raises(RuntimeError):
        guarded.classify(["text"])
    assert guarded.idle_seconds == float("inf")
    engine.broken = False
    assert guarded.classify(["text", "other"]) == [TextScores((0.25, 0.75))] * 2
    assert guarded.idle_seconds < float("inf")
