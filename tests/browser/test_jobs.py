"""Jobs: from the dropped file to the download, with faults in between."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from shared.broker.keys import Keyspace
from tests.browser.conftest import Visit
from tests.browser.files import download, labelled, read_csv, read_ndjson, write_csv
from tests.browser.visitor import Visitor
from tests.support.asking import expected
from tests.support.cutter import cutter
from tests.support.scrape import total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TEXTS = [f'Review "{i}", with a comma' for i in range(60)]
OPEN = "sentiment_http_requests_open"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def _send(page: Any, path: Path) -> None:
    page.get_by_label("Choose a file").set_input_files(path)
    page.get_by_role("button", name=re.compile(r"Classify [\d,]+ rows?")).click()


def _until(page: Any, state: str, seconds: float = 60) -> None:
    page.locator(".job .state", has_text=state).first.wait_for(timeout=seconds * 1000)


def _jobs(service: Service) -> set[bytes]:
    """Return the records of all jobs that the service knows."""
    with service.broker.client() as redis:
        prefix = Keyspace("sentiment").job("").encode()
        return {key for key in redis.keys(prefix + b"*") if key.count(b":") == prefix.count(b":")}


def test_a_table_comes_back_with_its_columns_also_after_a_reload(api: Api, visit: Visit, tmp_path: Path) -> None:
    page = visit(api, "#jobs").page
    page.get_by_label("Choose a file").set_input_files(write_csv(tmp_path / "reviews.csv", TEXTS))
    assert page.get_by_label("Column with the texts").input_value() == "1"
    assert page.locator(".preview tbody tr").count() == 5
    assert page.locator(".preview td.chosen").first.inner_text() == TEXTS[0]
    page.get_by_role("button", name="Classify 60 rows").click()
    _until(page, "Done")
    saved = download(page, "CSV")
    assert saved.suggested_filename == "reviews-sentiment.csv"
    assert read_csv(saved) == labelled(TEXTS)
    page.reload()
    lines = read_ndjson(download(page, "NDJSON"))
    first = expected(TEXTS[0])[0]
    assert lines[0] == {"id": "0", "review": TEXTS[0], "stars": "0", "label": first["label"], "score": first["score"]}
    assert len(lines) == 60
    page.get_by_role("button", name="Remove").click()
    page.locator(".job").wait_for(state="detached")
    page.reload()
    page.get_by_text("Drop a CSV, TSV, TXT or NDJSON file here").wait_for()
    assert page.locator(".job").count() == 0


def test_dropped_lines_and_objects(api: Api, visit: Visit, tmp_path: Path) -> None:
    page = visit(api, "#jobs").page
    drop = """([name, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], name));
      for (const kind of ["dragover", "drop"]) {
        document.querySelector("#job-drop").dispatchEvent(
          new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    }"""
    page.evaluate(drop, ["lines.txt", "first line\n\nsecond line\n"])
    page.get_by_role("button", name="Classify 3 rows").click()
    _until(page, "Done")
    page.get_by_text("1 row without text").wait_for()
    rows = read_ndjson(download(page, "NDJSON"))
    assert [(row["text"], row["label"]) for row in rows] == [
        ("first line", expected("first line")[0]["label"]),
        ("", None),
        ("second line", expected("second line")[0]["label"]),
    ]
    page.get_by_role("button", name="Remove").click()
    page.evaluate(drop, ["objects.ndjson", '{"n": 1, "body": "an object"}\n{"n": 2, "body": "raise-error object"}\n'])
    page.get_by_role("button", name="Classify 2 rows").click()
    _until(page, "Done")
    page.get_by_text("1 failed").wait_for()
    good, bad = read_ndjson(download(page, "NDJSON"))
    assert (good["n"], good["body"], good["label"]) == (1, "an object", expected("an object")[0]["label"])
    assert (bad["n"], bad["label"], bad["error"]) == (2, None, "The model could not process this text.")


@pytest.mark.timeout(600)
def test_a_large_file_is_several_jobs_shown_as_one(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    page = visit(service.start_api(), "#jobs").page
    texts = [f"text {i % 40}" for i in range(20_001)]
    _send(page, write_csv(tmp_path / "large.csv", texts))
    _until(page, "Done", 300)
    assert page.locator(".job").count() == 1
    assert len(_jobs(service)) == 3
    assert read_csv(download(page, "CSV")) == labelled(texts)


def test_an_answer_that_is_lost_and_a_reload_double_nothing(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    visitor = visit(service.start_api(max_job_texts="25"), "#jobs")
    page = visitor.page
    swallowed: list[Any] = []

    def swallow(route: Any) -> None:
        """Let the service accept the job, and never tell the page."""
        route.fetch()
        swallowed.append(route)

    page.route("**/project/jobs", swallow, times=1)
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    wait_for(lambda: page.wait_for_timeout(50) or swallowed, "the first part to be sent")
    page.reload()
    _until(page, "Done")
    assert len(_jobs(service)) == 3
    assert read_csv(download(page, "CSV")) == labelled(TEXTS)


def test_a_job_is_canceled(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    api = service.start_api()
    page = visit(api, "#jobs").page
    service.hold()
    with page.expect_response("**/project/jobs") as accepted:
        _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    page.get_by_role("button", name="Cancel").click()
    _until(page, "Canceled")
    url = accepted.value.json()["urls"]["self"]
    assert api.client.get(url).json()["status"] == "canceled"
    page.reload()
    _until(page, "Canceled")


def test_a_worker_is_killed_meanwhile(service: Service, visit: Visit, tmp_path: Path) -> None:
    worker = service.start_worker()
    page = visit(service.start_api(), "#jobs").page
    service.hold()
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    wait_for(lambda: page.wait_for_timeout(50) or service.calls(), "the job to begin")
    worker.kill()
    service.release()
    service.start_worker()
    _until(page, "Done", 120)
    assert read_csv(download(page, "CSV")) == labelled(TEXTS)


def test_a_full_service_is_waited_for(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    visitor = visit(service.start_api(max_job_texts="30", max_waiting_job_bytes="12000"), "#jobs")
    visitor.expect(503)
    page = visitor.page
    service.hold()
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    page.get_by_text("Too much is waiting already. It goes on by itself.").wait_for()
    service.release()
    _until(page, "Done")
    assert read_csv(download(page, "CSV")) == labelled(TEXTS)


def test_another_tab_sees_it_and_nobody_asks_while_hidden(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    api = service.start_api()
    visitor = visit(api, "#jobs")
    page, other = visitor.page, visitor.another_tab()
    other.goto(f"{api.url}/#jobs")
    other.evaluate(HIDE, arg=True)
    service.hold()
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    other.locator(".job").wait_for()
    job = wait_for(lambda: page.wait_for_timeout(50) or _jobs(service), "the job to be accepted").pop()
    page.evaluate(HIDE, arg=True)
    wait_for(lambda: page.wait_for_timeout(50) or total(api.url, OPEN) == 1, "none but the scrape to be open")
    asked: list[str] = []
    for tab in (page, other):
        tab.on("request", lambda request: asked.append(request.url))
    service.release()
    url = f"/project/jobs/{job.decode().rpartition(':')[2]}"
    wait_for(lambda: api.client.get(url).json()["status"] == "succeeded", "the job to end")
    assert "Done" not in {tab.locator(".state").inner_text() for tab in (page, other)}
    assert not asked
    page.evaluate(HIDE, arg=False)
    _until(page, "Done")
    _until(other, "Done")


def test_results_that_are_cut_off_are_fetched_again(api: Api, browser: Any, tmp_path: Path) -> None:
    with cutter(api.port) as proxy:
        proxy.cuts, proxy.after = 1, 1500  # in the middle of the body
        proxy.wanted = lambda request: b"/results?" in request
        visitor = Visitor(browser, proxy.url)
        visitor.expect("ERR_CONNECTION_CLOSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONTENT_LENGTH_MISMATCH")
        page = visitor.page
        page.goto(f"{proxy.url}/#jobs")
        _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
        _until(page, "Done")
        assert proxy.made == 1
        assert read_csv(download(page, "CSV")) == labelled(TEXTS)
        assert not visitor.leave()


def test_a_service_that_is_gone_is_asked_again_only_after_a_while(api: Api, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(api, "docs")
    visitor.expect("ERR_FAILED")
    page = visitor.page
    asked: list[str] = []

    def lose(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.clock.install()
    page.goto(f"{api.url}/#jobs")
    page.clock.pause_at(time.time() + 60)
    page.route("**/project/jobs/*", lose)
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    page.get_by_text("The service cannot be reached. It goes on by itself.").wait_for()
    before = len(asked)
    for _ in range(29):  # steps, so that the browser has time for requests between them
        page.clock.run_for(100)
    assert len(asked) == before
    page.unroute("**/project/jobs/*")
    page.clock.run_for(200)
    page.clock.resume()
    _until(page, "Done")


def test_results_that_are_gone_are_asked_for_again(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker(job_ttl="5")
    api = service.start_api(job_ttl="5")
    visitor = visit(api, "#jobs")
    visitor.expect(404, 410)
    page = visitor.page
    page.evaluate(HIDE, arg=True)
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    wait_for(lambda: page.wait_for_timeout(50) or service.calls(), "the job to begin")
    wait_for(lambda: page.wait_for_timeout(50) or not _jobs(service), "the job to expire")
    page.evaluate(HIDE, arg=False)
    page.get_by_text(re.compile("The results of 60 texts are gone")).wait_for()
    page.get_by_role("button", name="Send again").click()
    _until(page, "Done")
    assert read_csv(download(page, "CSV")) == labelled(TEXTS)


def test_a_key_is_asked_for_and_the_job_goes_on(service: Service, visit: Visit, tmp_path: Path) -> None:
    service.start_worker()
    visitor = visit(service.start_api(api_keys="the-key"), "#jobs")
    visitor.expect(401)
    page = visitor.page
    _send(page, write_csv(tmp_path / "reviews.csv", TEXTS))
    page.get_by_role("button", name="Enter a key").click()
    page.get_by_label("Key", exact=True).fill("the-key")
    page.keyboard.press("Enter")
    _until(page, "Done")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04\x00\x00", "a.xlsx is no text file"),
        ("a.csv", b"", "a.csv is empty"),
        ("a.json", b'["a", "b"]', "a.json is not one JSON value a line"),
        ("a.ndjson", b'{"text": "a"}\n{"text": \n', "Line 2 of a.ndjson is no JSON"),
        ("a.csv", b'id,text\n1,"never closed\n2,b\n', "A quotation mark in a.csv is never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(api: Api, visit: Visit, name: str, content: bytes, said: str) -> None:
    page = visit(api, "#jobs").page
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_text(said).wait_for()
    page.get_by_label("Choose a file").set_input_files(
        {"name": "b.csv", "mimeType": "text/csv", "buffer": b"id,text\n1,\n2,\n"}
    )
    page.get_by_role("button", name="Classify 2 rows").click()
    page.get_by_text("There is no text in the column").first.wait_for()


def test_a_batch_that_is_too_large_becomes_a_job(api: Api, visit: Visit) -> None:
    visitor = visit(api)
    visitor.expect(422)
    page = visitor.page
    page.get_by_label("Text to classify").fill("\n".join(f"line {i}" for i in range(129)))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send as a job").click()
    page.get_by_role("button", name="Classify 129 rows").click()
    _until(page, "Done")
