"""Rows 11 and 12: texts that no engine can take."""

import time

from tests.faults.flood import results
from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.rows import row
from tests.support.service import Api
from tests.support.waiting import wait_for


@row(
    11,
    "a text that kills its process, among others of its chunk",
    "that text fails after 3 tries alone, its mates use up none, everyone else succeeds",
)
def test_killing_text(run: Run) -> None:
    service = run.service
    worker = service.start_worker(worker_processes="1")
    api = service.start_api()
    texts = [f"mate {i}" for i in range(6)]
    texts.insert(3, "kill-worker")
    began = time.monotonic()
    job = submit(api, texts).json()
    other = submit(api, ["somebody else's"]).json()
    done = finished(api, job, 90)
    run.note(f"job ended after {time.monotonic() - began:.1f} s, killing text run {service.count('kill-worker')} times")
    assert (done["status"], done["progress"]["done"]) == ("succeeded", 7)
    answers = results(api, job)
    assert answers[3]["error"]["code"] == "inference-crashed"
    assert [answers[i] for i in (0, 1, 2, 4, 5, 6)] == [expected(text) for text in texts if text != "kill-worker"]
    assert service.count("kill-worker") == 4, "once among its mates, three times alone"
    assert finished(api, other)["status"] == "succeeded"
    assert worker.alive
    assert service.count("mate 0") <= 2
    response = api.predict("kill-worker", "an innocent one")
    assert response.json()["predictions"][1] == expected("an innocent one")
    assert response.json()["predictions"][0]["error"]["code"] == "inference-crashed"
    assert _ask(api) == 500
    again = finished(api, submit(api, ["kill-worker", "an innocent one"]).json())
    assert [bool("error" in entry) for entry in results(api, again)] == [True, False]
    assert service.count("kill-worker") == 4, "nobody tries it again"
    run.note("a request for it afterwards, and a job, are told so and kill nobody")


@row(
    23,
    "requests alone ask again and again for a text that kills its process; a new one loads for longer than a deadline",
    "after 4 processes, the first one's death and 3 tries alone, nobody tries it for ten minutes; others are served",
)
def test_asked_again(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_LOAD_SECONDS"] = "2.5"
    service.start_worker(worker_processes="1")
    api = service.start_api()
    statuses: list[int] = []
    while not statuses or statuses[-1] != 500:
        assert len(statuses) < 1000
        statuses.append(_ask(api))
        assert statuses[-1] in {500, 503, 504}
    killed = service.count("kill-worker")
    assert killed <= 4
    for _ in range(5):
        assert _ask(api) == 500
    assert service.count("kill-worker") == killed
    wait_for(lambda: api.predict("an innocent one").status_code == 200, "others to be served")
    run.note(f"answers {statuses}, {killed} processes killed, none by 5 more requests")


def _ask(api: Api) -> int:
    return api.client.post("/project/predict", json={"text": "kill-worker"}).status_code


@row(12, "the engine raises for one text", "that text has an error, the others are fine, no traceback in any body")
def test_raising_text(run: Run) -> None:
    service = run.service
    worker = service.start_worker()
    api = service.start_api()
    texts = ["good one", "raise-error private words", "good two"]
    batch = api.predict(*texts)
    job = submit(api, texts).json()
    assert finished(api, job)["status"] == "succeeded"
    page = api.client.get(job["urls"]["results"])
    for response in (batch, page):
        assert response.status_code == 200
        assert response.json()["predictions"][::2] == [expected("good one"), expected("good two")]
        assert response.json()["predictions"][1]["error"]["code"] == "inference-failed"
    alone = api.predict("raise-error alone")
    assert alone.status_code == 500
    bodies = batch.text + page.text + alone.text
    assert "Traceback" not in bodies
    assert "RuntimeError" not in bodies
    wait_for(lambda: "inference failed" in worker.output, "the worker's log to say so")
    assert "private words" not in worker.output + api.process.output
    run.note("200 with an error in its place, 500 for it alone, neither log nor body shows the text")
