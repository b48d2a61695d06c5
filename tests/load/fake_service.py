"""A small server that answers predictions as the service does, and wrongly on demand."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.predictions import encode_prediction
from tests.support.engines import expected_scores

Answer = tuple[int, Any, dict[str, str]]
Fault = Callable[[int, Any, dict[str, str]], Answer]
"""Takes a right answer (status, body, headers) and spoils it."""

JOB = "/project/jobs/one"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it would hold back each body until the head has been acknowledged
    server: "FakeServer"

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        if self.path == "/project/jobs":
            self._send(202, {"status": "queued"}, {"Location": JOB, "Retry-After": "1"})
            return
        self._send(*self.server.answer(given))

    def do_GET(self) -> None:
        self._send(*((404, {}, {}) if self.path == "/project/stats" else self.server.job_answer(self.path)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class FakeServer(ThreadingHTTPServer):
    """Answers right `patience` times, then spoils every answer; counts requests of which every text was cached."""

    daemon_threads = True

    def __init__(self, fault: Fault, patience: int, job: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._fault = fault
        self._patience = patience
        self._job = job
        self._seen: set[str] = set()
        self.wholly_cached = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, given: str | list[str]) -> Answer:
        texts = given if isinstance(given, list) else [given]
        predictions = [json.loads(encode_prediction(expected_scores(text), DEFAULT_LABELS)) for text in texts]
        body = {"predictions": predictions} if isinstance(given, list) else {"prediction": predictions[0]}
        misses = len(set(texts) - self._seen)
        self._seen |= set(texts)
        self.wholly_cached += not misses
        detail = f'fwd=miss; detail="hits={len(texts) - misses} misses={misses}"' if misses else "hit"
        right: Answer = (200, body, {"Cache-Status": f"sentiment; {detail}"})
        self._patience -= 1
        return right if self._patience >= 0 else self._fault(*right)

    def job_answer(self, path: str) -> Answer:
        status, body, headers = self._job
        results = path.startswith(f"{JOB}/results")
        return (200, {"predictions": []}, {}) if results else (status, body, headers)


@contextmanager
def fake_service(fault: Fault, patience: int = 0, job: Answer = (200, {}, {})) -> Iterator[FakeServer]:
    """Run one; `job` is the answer to a poll."""
    with FakeServer(fault, patience, job) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
