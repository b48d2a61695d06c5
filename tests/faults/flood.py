"""A stream of jobs, every one of which must succeed."""

import threading
from collections.abc import Sequence
from itertools import count
from typing import Any

import httpx

from tests.support.asking import expected
from tests.support.jobs import finished
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

_PAGE = 10_000


class Flood:
    """Submits jobs one after the other in a thread, as a context; `verify` then holds every accepted one to its word.

    Args:
        api: where to submit.
        texts: texts in each job.
        pause: seconds between two submissions.
        most: jobs after which it stops by itself.
    """

    def __init__(self, api: Api, texts: int, pause: float = 0.0, most: int = 10**9) -> None:
        self._api = api
        self._texts = texts
        self._pause = pause
        self._most = most
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood")
        self.accepted: list[tuple[dict[str, Any], list[str]]] = []
        self.refused = 0

    def __enter__(self) -> "Flood":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Submit no more."""
        self._stop.set()
        self._thread.join()

    def verify(self, api: Api, seconds: float) -> None:
        """Wait until every accepted job has succeeded, and look at each of its answers."""
        for job, texts in self.accepted:
            done = finished(api, job, seconds)
            assert done["status"] == "succeeded", done
            assert done["progress"] == {"done": len(texts), "total": len(texts)}
            assert results(api, job) == [expected(text) for text in texts]

    def _run(self) -> None:
        numbers = count()
        while not self._stop.wait(self._pause) and len(self.accepted) < self._most:
            job = next(numbers)
            texts = [f"flood {id(self)} job {job} text {i}" for i in range(self._texts)]
            try:
                response = self._api.client.post("/project/jobs", json={"text": texts})
            except httpx.TransportError:
                self.refused += 1
                continue
            if response.status_code == httpx.codes.ACCEPTED:
                self.accepted.append((response.json(), texts))
            else:
                assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text
                self.refused += 1


def wait_for_work(service: Service, more: int, seconds: float = 60) -> None:
    """Wait until the engines have been asked for so many texts more."""
    seen = len(service.calls())
    wait_for(lambda: len(service.calls()) >= seen + more, "work to be done", seconds)


def results(api: Api, job: dict[str, Any]) -> Sequence[Any]:
    """Fetch all results of a job."""
    page: Sequence[Any] = api.client.get(job["urls"]["results"], params={"limit": _PAGE}).json()["predictions"]
    return page
