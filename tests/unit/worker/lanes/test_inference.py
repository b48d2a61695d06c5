"""The passes: how texts are cut into them, and what becomes of a text for which the engine raises."""

from collections.abc import Sequence
from typing import cast

import pytest
from redis import Redis

from shared.broker.keys import Keyspace
from shared.contract.names import Lane
from shared.contract.results import FAILURE
from worker.engines.base import TextScores
from worker.engines.guarded import GuardedEngine
from worker.lanes.inference import Inference, Text, passes
from worker.presence.metrics import Counts


class Model:
    """An engine with an identity, which raises for some texts and keeps the passes that it was asked for."""

    version = "v"
    labels = ("down", "up")

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        self.asked.append(list(texts))
        if any("raise" in text for text in texts):
            raise RuntimeError
        return [TextScores((len(text) / 100, 1 - len(text) / 100)) for text in texts]


def text(name: str, tokens: int = 10, *, alone: bool = False) -> Text:
    return Text(f"v:{name}", name, tokens, alone)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], []),
        ([text("a", 500)], ["a"]),
        ([text("a"), text("b"), text("c")], ["ab", "c"]),
        ([text("a", 21), text("b"), text("c")], ["a", "bc"]),
        ([text("a"), text("b", alone=True), text("c"), text("d")], ["a", "b", "cd"]),
        ([text("a", alone=True), text("b", alone=True)], ["a", "b"]),
    ],
)
def test_a_pass_has_as_many_neighbours_as_fit_and_a_dangerous_text_has_none(
    texts: list[Text], expected: list[str]
) -> None:
    assert ["".join(text.text for text in texts[part]) for part in passes(texts, 20)] == expected


def test_a_text_that_raises_fails_alone() -> None:
    model = Model()
    inference = Inference(cast("GuardedEngine", model), Lane.BULK, Redis(), Keyspace("test"), Counts())
    alike = inference.run([text("one"), text("three")])
    assert [result.body for result in alike] == [inference.run([text(name)])[0].body for name in ("one", "three")]
    mixed = inference.run([text("one"), text("raise"), text("three")])
    assert [result.body for result in mixed] == [alike[0].body, FAILURE, alike[1].body]
    assert model.asked[-4:] == [["one", "raise", "three"], ["one"], ["raise"], ["three"]]
