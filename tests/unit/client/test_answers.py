"""The columns of answers, for models with any labels."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.card import ModelCard
from client.cli.answers import Answers
from client.cli.files.formats import Format
from client.cli.process.ending import CommandError
from client.models import Details, Prediction
from client.wanted import Wanted
from tests.unit.client.passing import answered, opened

FEELINGS = ("joy", "anger", "fear", "love")
SINGLE = ModelCard(labels=FEELINGS)
MULTI = ModelCard(labels=FEELINGS, task="multi-label", threshold=0.4)
ANSWER = Prediction("joy", 0.75, {"joy": 0.75, "love": 0.5, "fear": 0.25, "anger": 0.125}, Details(9, False, 0.5))
ODD = ("", " ", 'so "so"', "a,b", "a;b", "sø", "👍🏽", "سعيد", "=1+1", "label", "error", "a\tb", "a\nb")


def written(answers: Answers, kind: Format, answer: Prediction = ANSWER, **options: Any) -> str:
    data = b'{"text": "a"}\n' if kind is Format.NDJSON else b"text\na\n"
    return answered(opened(data, kind, kind, **options), kind, answers, answer).decode()


@pytest.mark.parametrize(
    ("answers", "table", "line"),
    [
        (Answers(SINGLE), "text,label,score\na,joy,0.75\n", '{"text": "a", "label": "joy", "score": 0.75}\n'),
        (
            Answers(SINGLE, all_scores=True),
            "text,label,score,score_joy,score_anger,score_fear,score_love\na,joy,0.75,0.75,0.125,0.25,0.5\n",
            (
                '{"text": "a", "label": "joy", "score": 0.75, '
                '"scores": {"joy": 0.75, "love": 0.5, "fear": 0.25, "anger": 0.125}}\n'
            ),
        ),
        (
            Answers(SINGLE, details=True),
            "text,label,score,tokens,truncated,unknown_share\na,joy,0.75,9,false,0.5\n",
            '{"text": "a", "label": "joy", "score": 0.75, "tokens": 9, "truncated": false, "unknown_share": 0.5}\n',
        ),
        (
            Answers(MULTI),
            "text,label,score\na,joy|love,0.75\n",
            '{"text": "a", "label": "joy|love", "score": 0.75}\n',
        ),
        (
            Answers(MULTI, separator=", "),
            'text,label,score\na,"joy, love",0.75\n',
            '{"text": "a", "label": "joy, love", "score": 0.75}\n',
        ),
    ],
    ids=["single", "all scores", "details", "multi", "separator"],
)
def test_columns_and_members(answers: Answers, table: str, line: str) -> None:
    assert written(answers, Format.CSV) == table
    assert written(answers, Format.NDJSON) == line


def test_a_fact_that_is_not_known_is_an_empty_cell_and_null() -> None:
    answer = Prediction("joy", 0.75, ANSWER.scores)
    answers = Answers(SINGLE, details=True)
    assert written(answers, Format.CSV, answer).endswith("a,joy,0.75,,,\n")
    assert json.loads(written(answers, Format.NDJSON, answer))["truncated"] is None


def test_no_label_applies() -> None:
    answer = Prediction("joy", 0.25, {"joy": 0.25, "anger": 0.125})
    assert written(Answers(MULTI), Format.CSV, answer) == "text,label,score\na,,0.25\n"


def test_a_label_at_the_threshold_applies() -> None:
    assert ANSWER.labels_from(0.5) == ("joy", "love")


@pytest.mark.parametrize("kind", [Format.CSV, Format.TSV, Format.NDJSON])
@pytest.mark.parametrize("label", ODD)
def test_odd_labels_come_back_as_they_are(kind: Format, label: str) -> None:
    card = ModelCard(labels=(label, "other"))
    answer = Prediction(label, 0.75, {label: 0.75, "other": 0.25})
    output = written(Answers(card, all_scores=True), kind, answer, delimiter="\t" if kind is Format.TSV else None)
    if kind is Format.NDJSON:
        assert json.loads(output) == {"text": "a", "label": label, "score": 0.75, "scores": answer.scores}
    else:
        rows = list(csv.reader(io.StringIO(output, newline=""), delimiter=kind.delimiter, strict=True))
        assert rows == [
            ["text", "label", "score", f"score_{label}", "score_other"],
            ["a", label, "0.75", "0.75", "0.25"],
        ]


@pytest.mark.parametrize("label", ["a,b", "a\rb"])
def test_a_label_that_needs_quotes_is_refused_without_them(label: str) -> None:
    card = ModelCard(labels=(label, "other"))
    with pytest.raises(CommandError, match="needs quotes, so --no-quotes cannot go with it") as caught:
        written(Answers(card), Format.CSV, quotes=False)
    assert caught.value.code == 2
    answer = Prediction(label, 0.75, {label: 0.75})
    with pytest.raises(CommandError, match="needs quotes"):  # of a model that was not known before
        written(Answers(), Format.CSV, answer, quotes=False)


def test_a_label_with_the_separator_is_refused() -> None:
    card = ModelCard(labels=("joy", "a|b"), task="multi-label")
    with pytest.raises(CommandError, match=r"'a\|b' contains the separator '\|'") as caught:
        Answers(card)
    assert caught.value.code == 2
    answer = Prediction("a|b", 0.75, {"a|b": 0.75})
    with pytest.raises(CommandError, match="contains the separator"):
        written(Answers(MULTI), Format.CSV, answer)
    assert written(Answers(card, separator=";"), Format.CSV, answer) == "text,label,score\na,a|b,0.75\n"
    Answers(ModelCard(labels=("joy", "a|b")))


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=5, unique=True), st.text(min_size=1, max_size=2))
def test_joined_labels_are_told_apart_or_refused(labels: list[str], separator: str) -> None:
    card = ModelCard(labels=tuple(labels), task="multi-label", threshold=0.5)
    answer = Prediction(labels[0], 0.75, dict.fromkeys(labels, 0.75))
    try:
        joined = Answers(card, separator).label(answer)
    except CommandError:
        assert separator.join(labels).split(separator) != labels
    else:
        assert joined.split(separator) == labels


def test_a_table_needs_the_names_of_labels() -> None:
    with pytest.raises(CommandError, match="does not name its labels"):
        written(Answers(all_scores=True), Format.CSV)
    assert json.loads(written(Answers(all_scores=True), Format.NDJSON))["scores"] == ANSWER.scores


def test_other_labels_than_the_columns_are_an_error() -> None:
    answers = Answers(SINGLE, all_scores=True)
    for scores in ({"joy": 0.75, "anger": 0.25}, {**ANSWER.scores, "surprise": 0.1}):
        with pytest.raises(CommandError, match="a model with other labels"):
            answers.cells(Prediction("joy", 0.75, scores))
        assert answers.members(Prediction("joy", 0.75, scores))["scores"] == scores


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (Answers(), Wanted()),
        (Answers(ModelCard(labels=("a", "b"))), Wanted()),
        (Answers(SINGLE), Wanted(1)),
        (Answers(SINGLE, details=True), Wanted(1, details=True)),
        (Answers(SINGLE, all_scores=True), Wanted()),
        (Answers(MULTI), Wanted()),
    ],
)
def test_only_what_is_written_is_asked_for(answers: Answers, wanted: Wanted) -> None:
    assert answers.wanted == wanted


def test_what_decides_the_form_of_a_run() -> None:
    assert Answers(SINGLE).run(table=True) == {}
    columns = Answers(SINGLE, all_scores=True)
    assert columns.run(table=False) == {"--all-scores": "yes"}
    other = Answers(ModelCard(labels=FEELINGS[::-1]), all_scores=True)
    assert columns.run(table=True)["list of labels"] != other.run(table=True)["list of labels"]
    assert Answers(MULTI, details=True).run(table=True) == {
        "--details": "yes", "--separator": "|", "threshold": "0.4",
    }  # fmt: skip
