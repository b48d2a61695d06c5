"""The command and the library before a model of which several labels may apply to a text."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import ModelCard, SentimentClient
from tests.support.asking import expected
from tests.support.command import Command
from tests.support.models import write_model
from tests.support.service import Service

LABELS = ("joy", "a|b", 'so "so"', "fear")
THRESHOLD = 0.6
TEXTS = [f"text {number}" for number in range(40)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Provide the URL of a service whose model has four labels, one of them with the usual separator."""
    service = Service(tmp_path_factory.mktemp("service"))
    facts = {"task": "multi-label", "threshold": THRESHOLD, "languages": ("en",), "polarity": {"joy": "positive"}}
    service.start_worker(model_dir=str(write_model(service.folder / "feelings", 2, LABELS, **facts)))
    yield service.start_api().url
    service.stop()


@pytest.fixture
def sentiment(url: str, tmp_path: Path) -> Command:
    return Command(url, tmp_path)


def scores_of(text: str) -> dict[str, float]:
    return {entry["label"]: entry["score"] for entry in expected(text, "feelings", LABELS, multi=True)}


def joined(text: str) -> str:
    return ";".join(label for label, score in scores_of(text).items() if score >= THRESHOLD)


def test_the_texts_have_from_no_label_to_all() -> None:
    assert {joined(text).count(";") + bool(joined(text)) for text in TEXTS} >= {0, 1, 2, 3}


def test_the_library(url: str) -> None:
    with SentimentClient(url) as client:
        card: ModelCard = client.model()
        assert (card.multi_label, card.threshold, card.languages) == (True, THRESHOLD, ("en",))
        assert (card.polarity, card.name) == ({"joy": "positive"}, "feelings")
        for text, outcome in client.predict_items((text, text) for text in TEXTS):
            assert not hasattr(outcome, "code")
            assert [*outcome.scores.items()] == [*scores_of(text).items()]
            assert ";".join(outcome.labels_from(card.threshold)) == joined(text)
            assert outcome.score == max(outcome.scores.values())


def test_the_separator_is_refused_where_a_label_contains_it(sentiment: Command) -> None:
    job = sentiment("jobs", "submit", stdin="one").stdout.strip()
    for line in (["predict", "one"], ["file", "-", "--format", "txt"], ["jobs", "results", job]):
        said = sentiment(*line, stdin="one")
        assert (said.returncode, said.stdout) == (2, "")
        assert said.stderr == "Error: the label 'a|b' contains the separator '|': choose another with --separator\n"
    assert sentiment("predict", "one", "--separator", "").returncode == 2


def test_sentences(sentiment: Command) -> None:
    said = sentiment("predict", "--separator", ";", *TEXTS)
    assert said.stdout == "".join(f"{joined(t)}\t{max(scores_of(t).values()):.4f}\t{t}\n" for t in TEXTS)
    document = json.loads(sentiment("predict", "--separator", ";", "--json", TEXTS[0]).stdout)
    assert (document["label"], document["scores"]) == (joined(TEXTS[0]), scores_of(TEXTS[0]))


def test_a_file(sentiment: Command) -> None:
    line = ("file", "-", "--format", "txt", "--separator", ";", "--all-scores")
    said = sentiment(*line, stdin="\n".join(TEXTS))
    head, *rows = csv.reader(io.StringIO(said.stdout, newline=""), strict=True)
    assert head == ["text", "label", "score", *(f"score_{label}" for label in LABELS)]
    for text, row in zip(TEXTS, rows, strict=True):
        scores = scores_of(text)
        assert row == [text, joined(text), repr(max(scores.values())), *(repr(scores[label]) for label in LABELS)]
    objects = sentiment(*line, "--to", "ndjson", stdin="\n".join(TEXTS)).stdout.splitlines()
    assert [(entry["label"], entry["scores"]) for entry in map(json.loads, objects)] == [
        (joined(text), scores_of(text)) for text in TEXTS
    ]


def test_the_card(sentiment: Command) -> None:
    lines = dict(line.split(maxsplit=1) for line in sentiment("model").stdout.splitlines() if line[0] != " ")
    assert lines["labels"] == "joy (positive)"
    assert lines["task"] == "multi-label: each label has its own probability, and applies from 0.6 on"


def test_an_output_goes_on_with_its_separator(sentiment: Command) -> None:
    (sentiment.folder / "in.txt").write_text("one")
    partial = sentiment.folder / "out.csv.partial"
    journal = sentiment.folder / "out.csv.journal"
    head = {"format": 2, "salt": "", "run": {}}
    said = sentiment("file", "in.txt", "-o", "out.csv", "--separator", ";")
    assert said.returncode == 0, said.stderr
    partial.write_text("text,label,score\n")
    run = {f"--{name}": str(None) for name in ("column", "format", "encoding", "delimiter")}
    run |= {"--quotes": "True", "--prefix": "", "--errors": "False", "--to": "csv", "--separator": ", "}
    run |= {"service": f"{sentiment.environment['SENTIMENT_URL']}/project", "threshold": str(THRESHOLD)}
    journal.write_text(json.dumps(head | {"run": run}) + "\n")
    refused = sentiment("file", "in.txt", "-o", "out.csv", "--separator", ";")
    assert (refused.returncode, "out.csv was begun with another --separator (, )" in refused.stderr) == (2, True)
    assert sentiment("file", "in.txt", "-o", "out.csv", "--separator", ", ").returncode == 0
