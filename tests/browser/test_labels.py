"""The page before models with other labels than two."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.browser.files import download, read_ndjson
from tests.browser.visitor import Visitor, inspect
from tests.support.asking import expected
from tests.support.models import write_model
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

FEELINGS = tuple(f"feeling {number}" for number in range(28))
ODD = ('so "so"', "a,b", "joy|love", "=SUM(A1)", "👍🏽", "سعيد", "constructor", "LGBTQ")
FACTS: dict[str, Any] = {
    "description": "What somebody feels.",
    "languages": ("en", "de"),
    "accuracy": {"data": "our own dev set", "texts": 1234, "fp32": 0.75, "int8": 0.7},
    "calibration": {"data": "our own dev set", "error": 0.05, "bins": ()},
}
THRESHOLD = 0.7
TEXTS = [f"text {number}" for number in range(40)]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Provide a service whose model has 28 labels, one for a text."""
    yield from served(tmp_path_factory.mktemp("many"), FEELINGS, **FACTS)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Provide a service of which several odd labels may apply to a text."""
    yield from served(tmp_path_factory.mktemp("several"), ODD, task="multi-label", threshold=THRESHOLD)


def served(folder: Path, labels: tuple[str, ...], **facts: Any) -> Iterator[Api]:
    service = Service(folder)
    service.start_worker(model_dir=str(write_model(folder / "feelings", 2, labels, **facts)))
    yield service.start_api()
    service.stop()


def scores_of(text: str, labels: tuple[str, ...], *, multi: bool = False) -> dict[str, float]:
    return {entry["label"]: entry["score"] for entry in expected(text, "feelings", labels, multi=multi)}


def ask(page: Any, text: str) -> None:
    page.get_by_label("Text to classify").fill(text)
    page.get_by_role("button", name="Classify", exact=True).click()
    page.locator(".batch" if "\n" in text else ".verdict").wait_for()


def names(place: Any) -> list[str]:
    return [name.inner_text() for name in place.locator(".score bdi").all()]


def send(visitor: Visitor, path: Path, *, all_scores: bool) -> Any:
    page = visitor.page
    page.get_by_label("Choose a file").set_input_files(path)
    if all_scores:
        page.get_by_label("A column with the score of each label").check()
    page.get_by_role("button", name=re.compile(r"Classify [\d,]+ rows?")).click()
    page.locator(".job .state", has_text="Done").wait_for(timeout=60_000)
    return page


def test_many_labels_are_bars_of_which_the_highest_come_first(many: Api, visit: Visit) -> None:
    page = visit(many).page
    page.get_by_role("heading", name="feelings").wait_for()
    assert page.get_by_text("What somebody feels. Several lines become one batch.").is_visible()
    assert not page.get_by_role("button", name="A good film").is_visible()
    ask(page, "how do I feel")
    verdict, scores = page.locator(".verdict"), scores_of("how do I feel", FEELINGS)
    assert names(verdict) == [*scores][:6]
    assert verdict.locator(".score.first").count() == 1
    assert verdict.locator(".positive, .negative").count() == 0
    page.get_by_role("button", name="Show all 28 labels").click()
    assert names(verdict) == [*scores]
    shown = [float(words.inner_text().rstrip("\u202f%").lstrip("<\u202f")) for words in verdict.locator("b").all()]
    assert shown == sorted(shown, reverse=True)
    page.get_by_role("button", name="Show fewer").click()
    assert names(verdict) == [*scores][:6]
    ask(page, "first\nsecond")
    rows = page.locator(".batch li")
    assert names(rows.nth(1)) == [*scores_of("second", FEELINGS)][:3]
    assert re.match(r"[12] \u00d7 feeling \d", page.locator(".batch-head").inner_text())


def test_the_card_of_the_model(many: Api, visit: Visit) -> None:
    page = visit(many).page
    page.get_by_role("link", name="feelings").click()
    card = page.get_by_role("region", name="Model: feelings")
    card.wait_for()
    assert "What somebody feels." in card.inner_text()
    facts = {
        fact.locator("dt").inner_text(): fact.locator("dd").inner_text() for fact in card.locator("dl > div").all()
    }
    assert facts["Languages"] == "English, German"
    assert facts["Accuracy"] == "70.0\u202f% of 1,234 texts of our own dev set; 75.0\u202f% in fp32"
    assert facts["Calibration"] == "5.0\u202f% expected error (0 is best)"
    assert facts["Engine"] == "steered by-files in 2 processes"
    assert facts["Answers"].startswith("one label a text")
    assert card.locator(".label-list li").count() == 20
    card.get_by_role("button", name="Show all 28").click()
    assert [label.inner_text() for label in card.locator(".label-list bdi").all()] == [*FEELINGS]


def test_every_label_that_applies_is_marked(several: Api, visit: Visit) -> None:
    page = visit(several).page
    ask(page, "a text")
    verdict, scores = page.locator(".verdict"), scores_of("a text", ODD, multi=True)
    applied = [label for label, score in scores.items() if score >= THRESHOLD]
    assert 0 < len(applied) < len(ODD)
    assert names(verdict) == [*scores][:6]
    marked = [row.locator("bdi").inner_text() for row in verdict.locator(".score", has_text="✓").all()]
    assert marked == applied
    page.get_by_role("button", name="Show all 8 labels").click()
    assert names(verdict) == [*scores]


def test_a_file_has_the_labels_that_apply_and_a_column_for_each(several: Api, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(several, "#jobs")
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    page = send(visitor, tmp_path / "texts.txt", all_scores=True)
    assert "labels joined by “;”" in page.locator(".job-line").inner_text()
    answers = [scores_of(text, ODD, multi=True) for text in TEXTS]
    joined = [";".join(label for label, score in answer.items() if score >= THRESHOLD) for answer in answers]
    saved = Path(download(page, "CSV").path()).read_text(encoding="utf-8")
    head, *rows = csv.reader(io.StringIO(saved, newline=""), strict=True)
    assert head == ["text", "label", "score", *(f"score_{label}" for label in ODD)]
    assert [row[:2] for row in rows] == [[text, label] for text, label in zip(TEXTS, joined, strict=True)]
    assert [[float(cell) for cell in row[2:]] for row in rows] == [
        [max(answer.values()), *(answer[label] for label in ODD)] for answer in answers
    ]
    objects = read_ndjson(download(page, "NDJSON"))
    assert objects == [
        {"text": text, "label": label, "score": max(answer.values()), "scores": answer}
        for text, label, answer in zip(TEXTS, joined, answers, strict=True)
    ]


def test_of_many_labels_a_file_has_the_highest(many: Api, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(many, "#jobs")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    page = send(visitor, tmp_path / "texts.txt", all_scores=False)
    rows = read_ndjson(download(page, "NDJSON"))
    assert [(row["label"], row["score"]) for row in rows] == [next(iter(scores_of(t, FEELINGS).items())) for t in TEXTS]
    assert next(url for url in asked if "/results?" in url).endswith("&top_k=1")
    counts = [row.inner_text() for row in page.locator(".job .score b").all()]
    assert len(counts) == 6
    assert counts == sorted(counts, key=lambda words: -int(words.split()[0]))


def test_another_model_while_the_page_is_open(service: Service, visit: Visit) -> None:
    old = service.start_worker()
    api = service.start_api()
    page = visit(api).page
    ask(page, "before")
    page.get_by_role("heading", name="How does it sound?").wait_for()
    folder = write_model(service.folder / "feelings", 3, ODD, task="multi-label", threshold=THRESHOLD)
    service.start_worker(model_dir=str(folder))
    assert old.terminate() == 0
    wait_for(lambda: api.client.get("/project/stats").json()["model"]["labels"] == [*ODD], "the other model")
    ask(page, "afterwards")
    page.get_by_role("button", name="Show all 8 labels").wait_for()
    page.get_by_role("heading", name="feelings").wait_for()
    assert names(page.locator(".verdict")) == [*scores_of("afterwards", ODD, multi=True)][:6]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_everybody_can_read_many_labels(several: Api, visit: Visit, tmp_path: Path, scheme: str, phone: bool) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    visitor = visit(several, scheme=scheme, phone=phone)
    page = visitor.page
    ask(page, "a text")
    page.get_by_role("button", name="Show all 8 labels").click()
    inspect(page)
    ask(page, "one\ntwo")
    inspect(page)
    page.get_by_role("link", name="Jobs").click()
    send(visitor, tmp_path / "texts.txt", all_scores=True)
    inspect(page)
    page.get_by_role("link", name="System").click()
    page.locator(".model-facts").wait_for()
    inspect(page)
