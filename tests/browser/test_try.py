"""The view *Try*: answers, and every reason why there is none."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.support.engines import expected_scores
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

pytestmark = pytest.mark.browser

GOOD = "A gripping, beautifully acted film."
NAMES = ("Negative", "Positive")


def _shown(text: str) -> list[tuple[str, str]]:
    """Return the labels and percentages that the steered engine gives, the higher first."""
    scores = sorted(zip(expected_scores(text, "model-one"), NAMES, strict=True), reverse=True)
    return [(name, f"{score * 100:.1f}\u202f%") for score, name in scores]


def _bars(place: Any) -> list[tuple[str, str]]:
    rows = place.locator(".score")
    return [(row.locator("dt").inner_text(), row.locator("b").inner_text()) for row in rows.all()]


def _ask(page: Any, text: str) -> None:
    page.get_by_label("Text to classify").fill(text)
    page.get_by_role("button", name="Classify", exact=True).click()


def test_an_example_shows_both_labels_and_what_happened(api: Api, shared_service: Service, visit: Visit) -> None:
    page = visit(api).page
    page.get_by_role("button", name="A good film").click()
    page.get_by_text("New: a worker computed it.").wait_for()
    assert _bars(page.locator(".verdict")) == _shown(GOOD)
    first = page.locator(".score.first .fill").bounding_box()
    track = page.locator(".score.first .track").bounding_box()
    share = max(expected_scores(GOOD, "model-one"))
    assert first["width"] / track["width"] == pytest.approx(share, abs=0.02)
    assert "in the model" in page.locator(".legend").inner_text()
    page.get_by_role("button", name="A good film").click()
    page.get_by_text("the API process that answered had it in its own memory").wait_for()
    wait_for(lambda: shared_service.stored(GOOD), "the answer to be stored")
    other = visit(shared_service.start_api()).page
    other.get_by_role("button", name="A good film").click()
    other.get_by_text("found in Redis, the cache that all API processes share").wait_for()
    assert shared_service.count(GOOD) == 1


def test_the_page_has_its_policy_and_is_asked_for_only_once(api: Api, visit: Visit) -> None:
    response = api.client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", response.text)
    assert api.client.get("/", headers={"If-None-Match": response.headers["etag"]}).status_code == 304
    sizes = 0
    for asset in set(re.findall(r'(?:href|src)="(page/[^"]+)"', response.text)):
        answer = api.client.get(f"/{asset}")
        assert answer.headers["cache-control"].endswith("immutable")
        sizes += len(answer.content)
    assert sizes + len(response.content) < 170_000
    assert api.client.get(f"/{asset.rpartition('/')[0]}/nothing.js").status_code == 404


def test_lines_are_a_batch_and_enter_sends(api: Api, visit: Visit) -> None:
    page = visit(api).page
    field = page.get_by_label("Text to classify")
    field.click()
    page.keyboard.type("one of three")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two of three")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("raise-error three")
    page.get_by_text("3 texts in one batch").wait_for()
    page.keyboard.press("Enter")
    rows = page.locator(".batch li")
    rows.nth(2).wait_for()
    assert rows.locator("blockquote").all_inner_texts() == ["one of three", "two of three", "raise-error three"]
    assert _bars(rows.nth(1)) == _shown("two of three")
    assert "could not process this text" in rows.nth(2).inner_text()
    page.get_by_text("1 text failed").first.wait_for()
    field.fill("one of three\none of three\nfour of three")
    page.keyboard.press("Enter")
    page.get_by_text("1 text known already, in the API process's own memory").wait_for()
    page.get_by_text("1 text new: computed by a worker").wait_for()
    page.get_by_text("1 text stands there twice: answered once").wait_for()


@pytest.mark.parametrize("text", ['It\'s "quoted" & $HOME `x` \\ ünïcode 🎬', "first line\nsecond 'line'"])
def test_what_is_copied_runs(api: Api, visit: Visit, text: str) -> None:
    visitor = visit(api, permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    page.get_by_label("Text to classify").fill(text)
    lines = text.split("\n")
    path = "predict" if len(lines) == 1 else "bulk-predict"
    wanted = api.client.post(f"/project/{path}", json={"text": lines[0] if len(lines) == 1 else lines}).json()
    for language, command in (("curl", ["bash", "-c"]), ("Python", [sys.executable, "-c"])):
        page.get_by_role("button", name=f"Copy as {language}").click()
        page.get_by_text(f"Copied as {language}.").wait_for(state="attached")
        copied = page.evaluate("navigator.clipboard.readText()")
        done = subprocess.run([*command, copied], capture_output=True, text=True, check=True, timeout=30)
        assert (json.loads(done.stdout) if language == "curl" else done.stdout.strip()) in (wanted, str(wanted))


def test_where_nothing_can_be_copied_it_is_shown(api: Api, visit: Visit) -> None:
    page = visit(api).page
    page.add_init_script("delete Navigator.prototype.clipboard")  # as on plain HTTP from another machine
    page.reload()
    page.get_by_role("button", name="Copy as curl").click()
    shown = page.get_by_role("region", name="The request as curl")
    assert "curl -s http://127.0.0.1" in shown.inner_text()
    assert page.evaluate("getSelection().toString()").startswith("curl -s")


def test_another_requests_work_is_named(service: Service, visit: Visit) -> None:
    service.start_worker()
    apis = [service.start_api(deadline="30") for _ in range(2)]
    pages = [visit(api).page for api in apis]
    service.hold()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(apis[0].predict, "asked by two")
        wait_for(lambda: service.count("asked by two"), "the engine to be asked")
        for page in pages:
            _ask(page, "asked by two")
            page.get_by_role("button", name="Classifying…").wait_for()
        service.release()
        assert asked.result().is_success
    for page in pages:
        page.get_by_text("Just being computed for somebody else's request").wait_for()
    assert service.count("asked by two") == 1


def test_no_worker_is_counted_down_and_answered_when_one_comes(service: Service, visit: Visit) -> None:
    service.start_worker().terminate()
    visitor = visit(service.start_api())
    visitor.expect(503)
    page = visitor.page
    _ask(page, "is anybody there")
    page.get_by_text("No worker is there").first.wait_for()
    page.get_by_role("button", name=re.compile(r"Try again \(in 2 seconds\)")).wait_for()
    page.get_by_role("button", name=re.compile(r"Try again \(in 1 second\)")).wait_for()
    service.start_worker()
    page.get_by_text("New: a worker computed it.").wait_for()
    assert page.locator(".notice").count() == 0


def test_a_worker_that_dies_meanwhile(service: Service, visit: Visit) -> None:
    worker = service.start_worker()
    visitor = visit(service.start_api())
    visitor.expect(503, 504)
    page = visitor.page
    service.hold()
    _ask(page, "killed under way")
    wait_for(lambda: service.count("killed under way"), "the engine to be asked")
    worker.kill()
    service.release()
    page.get_by_text("No answer within 1.8 seconds").first.wait_for()
    service.start_worker()
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("New: a worker computed it.").wait_for()


def test_too_long_and_too_many(api: Api, visit: Visit) -> None:
    visitor = visit(api)
    visitor.expect(422)
    page = visitor.page
    _ask(page, f"short\n{'x' * 10_001}")
    page.get_by_text("Text 2 is longer than 10,000 characters.").first.wait_for()
    _ask(page, "\n".join(f"line {i}" for i in range(129)))
    page.get_by_text("There may be 128 texts at once.").first.wait_for()
    assert page.get_by_role("button", name="Send as a job").is_visible()


def test_a_key_is_asked_for_and_kept_over_a_reload(service: Service, visit: Visit) -> None:
    service.start_worker()
    visitor = visit(service.start_api(api_keys="the-key"))
    visitor.expect(401)
    page = visitor.page
    _ask(page, "who are you")
    page.get_by_text("This service asks for a key").first.wait_for()
    page.get_by_role("button", name="Enter a key").click()
    page.get_by_label("Key", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Enter a key").click()
    page.get_by_label("Key", exact=True).fill("the-key")
    page.get_by_role("button", name="Use this key").click()
    page.get_by_text("New: a worker computed it.").wait_for()
    page.reload()
    _ask(page, "and once more")
    page.get_by_text("New: a worker computed it.").wait_for()
    page.get_by_role("button", name="API key is set").wait_for()


def test_a_service_that_is_gone_and_one_who_is_offline(service: Service, visit: Visit) -> None:
    service.start_worker()
    api = service.start_api()
    visitor = visit(api)
    visitor.expect("ERR_CONNECTION_REFUSED", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    page = visitor.page
    visitor.context.set_offline(True)
    _ask(page, "from a train")
    page.get_by_text("You are offline").first.wait_for()
    visitor.context.set_offline(False)
    page.get_by_text("New: a worker computed it.").wait_for()
    api.process.kill()
    _ask(page, "is it up")
    page.get_by_text("The service cannot be reached").first.wait_for()
    assert page.get_by_label("Text to classify").input_value() == "is it up"


def test_the_page_is_under_the_prefix_too_where_an_ingress_passes_nothing_else(service: Service, visit: Visit) -> None:
    service.start_worker()
    api = service.start_api(path_prefix="/lab", api_keys="the-key")
    page = visit(api, "lab").page
    assert page.url == f"{api.url}/lab/"
    page.get_by_role("button", name="API key").click()
    page.get_by_label("Key", exact=True).fill("the-key")
    page.keyboard.press("Enter")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="A good film").click()
    page.get_by_text("New: a worker computed it.").wait_for()
    page.get_by_role("link", name="System").click()
    page.get_by_text("Everything works.").first.wait_for()
    assert all(url.startswith(f"{api.url}/lab/") for url in asked)
    page.get_by_role("link", name="Description of the API").wait_for()
    assert api.client.get("/lab/openapi.json").json()["paths"]


def test_without_the_page_there_is_none(service: Service) -> None:
    api = service.start_api(page="false")
    assert api.client.get("/").status_code == 404
    assert api.client.get("/docs").status_code == 200
