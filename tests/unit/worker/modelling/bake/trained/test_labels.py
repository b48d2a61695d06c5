"""The labels and the task of a trained model."""

from typing import Any

import pytest

from shared.contract.errors import ModelError
from worker.modelling.bake.trained.labels import labels_of, task_of


def named(*labels: str) -> dict[str, Any]:
    return {"id2label": {str(index): label for index, label in enumerate(labels)}}


@pytest.mark.parametrize(
    "labels",
    [
        ("POSITIVE", "NEGATIVE"),
        ("spam", "ham"),
        ("n\u00e3o", "sim", "talvez"),
        ('say "no"', "one, two", "\U0001f44d\U0001f3fd", "<b>&amp;"),
        tuple(map(str, range(1000))),
    ],
)
def test_labels_are_kept_as_they_are_named(labels: tuple[str, ...]) -> None:
    assert labels_of(named(*labels), None, "mine") == labels


def test_the_usual_two_are_in_their_usual_case() -> None:
    assert labels_of(named("negative", "Positive"), None, "mine") == ("NEGATIVE", "POSITIVE")


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ("spam,ham", ("spam", "ham")),
        (" spam , ham ", ("spam", "ham")),
        ('"one, two","say ""no"""', ("one, two", 'say "no"')),
        ("negative,positive", ("negative", "positive")),
    ],
)
def test_an_option_names_them_instead(given: str, labels: tuple[str, ...]) -> None:
    assert labels_of(named("LABEL_0", "LABEL_1"), given, "mine") == labels
    assert labels_of(named("same", "same"), given, "mine") == labels
    assert labels_of({}, given, "mine") == labels


@pytest.mark.parametrize(
    ("config", "given", "told"),
    [
        ({}, None, "mine has no labels: name them by --labels"),
        ({"id2label": None}, None, "no labels"),
        (named("", "up"), None, "no labels"),
        (named("LABEL_0", "LABEL_1"), None, r"without a meaning \(LABEL_0, LABEL_1\): name them by --labels"),
        (named(*(f"LABEL_{n}" for n in range(9))), None, r"\(LABEL_0, LABEL_1, LABEL_2, \u2026\)"),
        (named("up", "down", "up"), None, "labels that repeat: id2label .* names 'up' twice"),
        (named("a", "b"), "a,a", "labels that repeat: --labels names 'a' twice"),
        (named("a", "b"), "a,b,c", "has 2 outputs, and --labels names 3"),
        (named("a", "b"), "", "has 2 outputs, and --labels names 0"),
        (named("a", "b"), "a,", "cannot be served: '' is empty"),
        (named("up"), None, "has 1 labels in id2label.*a model needs 2 to 1000"),
        (named(*map(str, range(1001))), None, "has 1001 labels in id2label.*a model needs 2 to 1000"),
        (
            named("up", "do\nwn"),
            None,
            r"cannot be served: 'do\\nwn' is empty, longer than 100 characters, or has control",
        ),
        (named("up", "\x00"), None, "has control characters"),
        (named("up", "\u202enwod"), None, "has control characters"),
        (named("up", "x" * 101), None, "longer than 100 characters"),
    ],
)
def test_labels_that_cannot_be_served_are_one_clear_sentence(
    config: dict[str, Any], given: str | None, told: str
) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        labels_of(config, given, "mine")
    assert str(caught.value).startswith("mine has ")
    assert "\n" not in str(caught.value)


def test_the_task_is_the_options_or_the_configurations() -> None:
    assert task_of({}, None, "mine") == "single-label"
    assert task_of({"problem_type": "single_label_classification"}, None, "mine") == "single-label"
    assert task_of({"problem_type": "multi_label_classification"}, None, "mine") == "multi-label"
    assert task_of({"problem_type": "multi_label_classification"}, "single-label", "mine") == "single-label"
    assert task_of({"problem_type": "regression"}, "multi-label", "mine") == "multi-label"
    with pytest.raises(ModelError, match=r"mine is no classifier: problem_type in its .* is regression"):
        task_of({"problem_type": "regression"}, None, "mine")
