"""The command and the library before a model with other labels than two."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Prediction, SentimentClient
from tests.client.both import CLIENTS
from tests.support.asking import expected
from tests.support.command import Command
from tests.support.models import write_model
from tests.support.service import Service
from tests.support.waiting import wait_for

LABELS = ('so "so"', "a,b", "joy|love", "=SUM(A1)", "👍🏽", "سعيد")
NAME = "feelings"
TEXTS = [f"feeling {number}" for number in range(40)]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Provide a service whose model has six odd labels."""
    service = Service(tmp_path_factory.mktemp("service"))
    service.start_worker(model_dir=str(write_model(service.folder / NAME, 2, LABELS)))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def url(odd: Service) -> str:
    return odd.start_api().url


@pytest.fixture
def sentiment(url: str, tmp_path: Path) -> Command:
    return Command(url, tmp_path)


def scores_of(text: str) -> dict[str, float]:
    return {entry["label"]: entry["score"] for entry in expected(text, NAME, LABELS)}


def top(text: str, most: int = len(LABELS)) -> list[tuple[str, float]]:
    return [*scores_of(text).items()][:most]


def records(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("kind", CLIENTS)
def test_predictions_have_all_labels_or_so_many(url: str, kind: str) -> None:
    with CLIENTS[kind](url) as client:
        whole: Prediction = client.predict("a text")
        assert [*whole.scores.items()] == top("a text")
        assert (whole.label, whole.score) == top("a text")[0]
        assert client.predict("a text", top_k=2).scores == dict(top("a text", 2))
        many = [*client.predict_many(TEXTS, top_k=3)]
        assert [outcome.scores for outcome in many] == [dict(top(text, 3)) for text in TEXTS]
        assert [*client.predict_in_jobs(TEXTS, top_k=3)] == many
        assert client.predict_batch(TEXTS, top_k=3).outcomes == tuple(many)
        assert [*client.predict_items({1: TEXTS[0]}.items(), top_k=3)] == [(1, many[0])]
        assert [*client.predict_items({1: TEXTS[0]}, by_jobs=True, top_k=3)] == [(1, many[0])]
        job = client.submit(TEXTS)
        client.wait(job.id)
        assert [*client.results(job.id, top_k=3)] == many
        with pytest.raises(ValueError, match="top_k is 0"):
            client.predict("a text", top_k=0)


def test_the_model_names_its_labels(url: str, odd: Service) -> None:
    with SentimentClient(url) as client:
        card = client.model()
    assert (card.labels, card.version) == (LABELS, odd.active_version())


def test_sentences(sentiment: Command) -> None:
    said = sentiment("predict", "one", "two")
    assert said.stdout == "".join(f"{top(text)[0][0]}\t{top(text)[0][1]:.4f}\t{text}\n" for text in ("one", "two"))
    said = sentiment("predict", "--top-k", "3", "one", "two")
    lines = [f"{label}\t{score:.4f}\t{text}\n" for text in ("one", "two") for label, score in top(text, 3)]
    assert said.stdout == "".join(lines)
    document = json.loads(sentiment("predict", "--json", "one").stdout)
    assert document == {"text": "one", "label": top("one")[0][0], "score": top("one")[0][1], "scores": scores_of("one")}
    assert sentiment("predict", "--top-k", "0", "one").returncode == 2


def test_a_file_has_label_and_score(sentiment: Command) -> None:
    said = sentiment("file", "-", "--format", "txt", "--to", "csv", stdin="\n".join(TEXTS))
    rows = [[text, top(text)[0][0], repr(top(text)[0][1])] for text in TEXTS]
    assert records(said.stdout) == [["text", "label", "score"], *rows]


def test_a_file_has_a_column_for_each_label(sentiment: Command) -> None:
    line = ("file", "-", "--format", "txt", "--all-scores", "--prefix", "p_")
    head, *rows = records(sentiment(*line, stdin="\n".join(TEXTS)).stdout)
    assert head == ["text", "p_label", "p_score", *(f"p_score_{label}" for label in LABELS)]
    for row, text in zip(rows, TEXTS, strict=True):
        assert row == [
            text,
            top(text)[0][0],
            repr(top(text)[0][1]),
            *(repr(scores_of(text)[label]) for label in LABELS),
        ]
    objects = sentiment(*line, "--to", "ndjson", stdin="\n".join(TEXTS)).stdout.splitlines()
    for entry, text in zip(map(json.loads, objects), TEXTS, strict=True):
        label, score = top(text)[0]
        assert entry == {"text": text, "p_label": label, "p_score": score, "p_scores": scores_of(text)}


def test_the_results_of_a_job(sentiment: Command) -> None:
    job = sentiment("jobs", "submit", stdin="one\ntwo raise-error").stdout.strip()
    assert sentiment("jobs", "wait", job).returncode == 0
    label, score = top("one")[0]
    assert sentiment("jobs", "results", job).stdout == f"{label}\t{score!r}\nERROR\tinference-failed\n"
    head, line, _ = sentiment("jobs", "results", job, "--all-scores").stdout.splitlines()
    assert head.split("\t") == ["label", "score", *(f"score_{label}" for label in LABELS)]
    assert line.split("\t") == [label, repr(score), *(repr(scores_of("one")[label]) for label in LABELS)]
    first = json.loads(sentiment("jobs", "results", job, "--json").stdout.splitlines()[0])
    assert first == {"label": label, "score": score, "scores": scores_of("one")}


def test_an_output_goes_on_only_with_a_model_that_has_its_columns(service: Service, tmp_path: Path) -> None:
    old = service.start_worker(model_dir=str(write_model(service.folder / NAME, 2, LABELS)))
    api = service.start_api()
    sentiment = Command(api.url, tmp_path)
    (tmp_path / "in.txt").write_text("\n".join(TEXTS))
    line = ("file", "in.txt", "-o", "out.csv", "--job-rows", "10", "--all-scores")
    service.hold(TEXTS[-1])
    command = sentiment.start(*line)
    journal = tmp_path / "out.csv.journal"
    wait_for(lambda: journal.exists() and journal.read_text().count("\n") >= 3, "a job to be written", 60)
    command.kill()
    command.communicate()
    service.release(TEXTS[-1])
    service.start_worker(model_dir=str(write_model(service.folder / "colours", 3, ("red", "green", "blue"))))
    assert old.terminate() == 0
    with SentimentClient(api.url) as client:
        wait_for(lambda: client.model().labels == ("red", "green", "blue"), "the other model")
    refused = sentiment(*line)
    assert refused.returncode == 2
    assert "out.csv was begun with another list of labels (6 labels, " in refused.stderr
    refused = sentiment(*line[:-1])
    assert (refused.returncode, "out.csv was begun with another --all-scores (yes)" in refused.stderr) == (2, True)
    assert sentiment(*line, "--fresh").returncode == 0
    head, *rows = records((tmp_path / "out.csv").read_text())
    assert (head[3:], len(rows)) == (["score_red", "score_green", "score_blue"], len(TEXTS))


def test_answers_of_a_model_before_have_no_columns(service: Service, tmp_path: Path) -> None:
    """The same texts find the job of an earlier run, whose answers are another model's."""
    old = service.start_worker(model_dir=str(write_model(service.folder / NAME, 2, LABELS)))
    api = service.start_api()
    sentiment = Command(api.url, tmp_path)
    line = ("file", "-", "--format", "txt", "--all-scores")
    assert sentiment(*line, stdin="one").returncode == 0
    service.start_worker(model_dir=str(write_model(service.folder / "colours", 3, ("red", "green", "blue"))))
    assert old.terminate() == 0
    with SentimentClient(api.url) as client:
        wait_for(lambda: client.model().labels == ("red", "green", "blue"), "the other model")
    refused = sentiment(*line, stdin="one")
    assert (refused.returncode, "a model with other labels than the columns" in refused.stderr) == (1, True)
    assert records(sentiment(*line, "--fresh", stdin="one").stdout)[0][3:] == ["score_red", "score_green", "score_blue"]
    assert set(json.loads(sentiment(*line, "--to", "ndjson", stdin="one").stdout)["scores"]) == set(LABELS)
