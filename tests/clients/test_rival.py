"""Answers in the form of those of Infinity, which is started here with a tiny model: keys, order, types, statuses."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from deploy.site.layout import ROOT
from load.bench.paths import PYTHONS
from shared.stack.ports import free_port
from tests.support.missing import missing
from tests.support.process import Process
from tests.support.service import Api
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.environ.get("CLIENTS") != "all", reason="make test-clients ARGS=all"),
]
PYTHON = ROOT / PYTHONS["infinity"]
FREE = {"backend", "created", "detail", "label", "message", "msg", "owned_by", "score", "type", "unix"}
"""Members with plain values that differ: scores, times, names of the server, and the wording of errors."""
UNTOLD = {"ctx", "input", "stats"}
"""Members that are not compared: they repeat the request, which no error here does, or count for one process."""
TEXT = "hello there"


class Case(NamedTuple):
    """A request, and both statuses where only these are compared."""

    path: str
    body: Any = None
    statuses: tuple[int, int] | None = None
    kind: str = "application/json"


CASES = {
    "one text": Case("classify", {"model": "sentiment", "input": [TEXT]}),
    "a batch": Case("classify", {"model": "sentiment", "input": [TEXT, "b", ""]}),
    "no model": Case("classify", {"input": [TEXT]}),
    "logits": Case("classify", {"input": [TEXT], "raw_scores": True}),
    "no text": Case("classify", {"input": []}),
    "no input": Case("classify", {"model": "sentiment"}),
    "a string": Case("classify", {"input": TEXT}),
    "a number": Case("classify", {"input": [1]}),
    "too many texts": Case("classify", {"input": [TEXT] * 3000}),
    "GET": Case("classify"),
    "no such path": Case("nowhere"),
    "models": Case("models"),
    "not JSON": Case("classify", b"[", (422, 422)),  # it tells the position as a part of `loc`
    # Here a wrong type is never converted, and a request for another model is never answered by this one.
    "a text for a truth value": Case("classify", {"input": [TEXT], "raw_scores": "yes"}, (200, 422)),
    "another model": Case("classify", {"input": [TEXT], "model": "another"}, (200, 400)),
    "not called JSON": Case("classify", b'{"input": ["a"]}', (422, 415), "text/plain"),
    "a long text": Case("classify", {"input": ["a" * 10_001]}, (200, 422)),
}


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Infinity on a free port."""
    if not PYTHON.exists():
        missing("Infinity is not installed: make test-clients ARGS=all")
    folder = tmp_path_factory.mktemp("rival")
    model, log, port = folder / "model", folder / "log", free_port()
    subprocess.run([PYTHON, Path(__file__).parent / "drivers" / "tiny_classifier.py", model], check=True)
    arguments = ["--port", str(port), "--model-dir", str(model), "--engine", "torch"]
    process = Process("load.baselines.infinity_app", arguments, {}, log, python=PYTHON)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/project", timeout=60) as client:

        def answers() -> bool:
            assert process.alive, process.output
            try:
                return client.get("/models").is_success
            except httpx.TransportError:
                return False

        wait_for(answers, "Infinity", 120)
        yield client
    process.terminate()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_answers_have_the_same_form(case: Case, rival: httpx.Client, open_api: Api) -> None:
    theirs = ask(rival, "", case)
    ours = ask(open_api.client, "/project/infinity/", case)
    assert (theirs.status_code, ours.status_code) == (case.statuses or (theirs.status_code, theirs.status_code))
    if case.statuses:
        return
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    form, own = form_of(theirs.json()), form_of(ours.json())
    if theirs.is_success:
        assert own == form
    else:  # ours has the members of a problem document beside theirs
        assert [member for member in own if member in form] == form, ours.text


def test_health(rival: httpx.Client, open_api: Api) -> None:
    theirs = httpx.get(f"{str(rival.base_url).removesuffix('/project/')}/health")  # without the prefix
    ours = open_api.client.get("/project/infinity/health")
    assert (ours.status_code, form_of(ours.json())) == (theirs.status_code, form_of(theirs.json()))


def ask(client: httpx.Client, base: str, case: Case) -> httpx.Response:
    path = f"{base}{case.path}"
    if case.body is None:
        return client.get(path)
    if isinstance(case.body, bytes):
        return client.post(path, content=case.body, headers={"Content-Type": case.kind})
    return client.post(path, json=case.body)


def form_of(value: Any, name: str = "") -> Any:
    """Return the keys of a document in their order, with the types of values, and the values that do not differ."""
    if isinstance(value, dict):
        return [(key, form_of(member, key)) for key, member in value.items() if key not in UNTOLD]
    if isinstance(value, list):
        return [form_of(member) for member in value]
    if isinstance(value, str) and name not in FREE:
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", value)
    return type(value).__name__
