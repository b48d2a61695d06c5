"""Refusals and failures: typed for programs, one sentence and an exit code for people."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from client import (
    ApiError,
    ConnectionFailedError,
    DeadlineExceededError,
    IdempotencyConflictError,
    InferenceFailedError,
    InvalidRequestError,
    JobEndedError,
    JobUnknownError,
    RateLimitedError,
    SentimentClient,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    VersionWarning,
)
from client.cli.options import Target
from shared.stack.ports import free_port
from tests.support.command import Command
from tests.support.scrape import total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

ID = re.compile(r"[0-9a-f]{32}")
URN = "urn:sentiment:problem:"


@pytest.fixture
def client(api: Api) -> Iterator[SentimentClient]:
    with SentimentClient(api.url) as client:
        yield client


def test_what_an_error_holds(client: SentimentClient) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client.predict("x" * 10_001)
    error = caught.value
    assert (error.status, error.type, error.code) == (422, f"{URN}invalid-request", "invalid-request")
    assert error.errors == [{"location": "body.text", "message": "String should have at most 10000 characters"}]
    assert ID.fullmatch(error.request_id)
    assert error.request_id in str(error)
    assert "xxx" not in str(error)


def test_the_id_of_a_request_is_the_clients_own(service: Service) -> None:
    """So that the service's log can be searched for a request whose answer never came."""
    api = service.start_api()
    with SentimentClient(api.url) as client, pytest.raises(UnavailableError) as caught:
        client.predict("nobody there", timeout=1)
    # The line is written when the answer has gone.
    wait_for(lambda: f'"{caught.value.request_id}"' in api.process.output, "the request to be logged")


def test_errors_of_predictions_and_jobs(client: SentimentClient) -> None:
    with pytest.raises(InferenceFailedError):
        client.predict("raise-error")
    with pytest.raises(InvalidRequestError):
        client.predict_batch(["a"] * 129)
    with pytest.raises(TooLargeError):
        client.predict_batch(["x" * 9000] * 120)
    with pytest.raises(JobUnknownError):
        client.job("nonsense")
    with pytest.raises(ApiError, match="404"):
        client.job("nonsense/../../../livez")
    job = client.submit(["a"], idempotency_key="conflict")
    with pytest.raises(IdempotencyConflictError):
        client.submit(["b"], idempotency_key="conflict")
    assert client.wait(job.id).status == "succeeded"
    with pytest.raises(JobEndedError):
        client.cancel(job.id)


def test_no_worker_is_waited_for_as_the_service_asks(service: Service) -> None:
    api = service.start_api()
    began = time.monotonic()
    with SentimentClient(api.url) as client:
        with pytest.raises(UnavailableError) as caught:
            client.predict("nobody there", timeout=1)
        assert caught.value.retry_after == 2
        assert total(api.url, "sentiment_problems_total", code="no-worker") == 1, "a wait too long is not begun"
        starter = threading.Thread(target=service.start_worker)
        starter.start()
        assert client.predict("somebody", timeout=60).label
        starter.join()
    refused = total(api.url, "sentiment_problems_total", code="no-worker")
    assert 1 < refused <= 2 + (time.monotonic() - began) / 2


def test_the_deadline_of_the_caller_is_kept(service: Service) -> None:
    service.hold()
    service.start_worker()
    api = service.start_api(deadline="0.2")
    with SentimentClient(api.url) as client:
        client.service()
        began = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            client.predict("held", timeout=1.5)
        assert total(api.url, "sentiment_problems_total", code="deadline-exceeded") > 1
        service.release()
        assert client.predict("held", timeout=30).label
    assert time.monotonic() - began < 60


def test_a_quota_is_waited_for(service: Service) -> None:
    service.start_worker()
    api = service.start_api(rate_limit="2", rate_burst="1")
    with SentimentClient(api.url) as client:
        assert [client.predict(f"quota {i}").label for i in range(4)]
        with pytest.raises(RateLimitedError):
            [client.predict(f"impatient {i}", timeout=0.1) for i in range(20)]


def test_keys(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    api = service.start_api(api_keys="open-sesame", protect_health="true")
    sentiment = Command(api.url, tmp_path)
    with SentimentClient(api.url, api_key="wrong") as client, pytest.raises(UnauthorizedError):
        client.predict("x")
    refused = sentiment("predict", "x", "--api-key", "wrong")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[1] == "Put the key into SENTIMENT_API_KEY, or give --api-key."
    assert sentiment("predict", "x", SENTIMENT_API_KEY="open-sesame").returncode == 0
    assert "everything works" in sentiment("status", "--api-key", "open-sesame").stdout
    assert sentiment("status").returncode == 1


@pytest.mark.parametrize("name", ["predict", "file"])
def test_nobody_listens(sentiment: Command, name: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    arguments = {"predict": ["x"], "file": ["-", "--format", "txt"]}[name]
    result = sentiment(name, *arguments, "--url", url, "--timeout", "0.5", "--quiet")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr.splitlines() == [
        f"Error: {url} does not answer: Connection refused",
        (
            "Is the service up (`make run` starts one), and is this its address? "
            "Another is given by --url or SENTIMENT_URL."
        ),
    ]


def test_lines_that_are_wrong(sentiment: Command) -> None:
    for arguments in (["predict", "--url", "localhost:8000", "x"], ["predict", "--timeout", "0"], ["nothing"]):
        result = sentiment(*arguments)
        assert (result.returncode, result.stdout) == (2, ""), result.stderr
        assert "Error" in result.stderr
        assert "Traceback" not in result.stderr


def test_another_service_behind_the_url(api: Api, sentiment: Command) -> None:
    wrong = sentiment("predict", "x", "--service", "lab")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[1] == "Are --url and --service those of a sentiment service?"
    with foreign(200, b"<html>hello</html>") as url:
        with SentimentClient(url) as client, pytest.raises(UnexpectedAnswerError):
            client.predict("x")
        assert sentiment("predict", "x", "--url", url).returncode == 1
    with (
        foreign(502, b"<html>bad gateway</html>") as url,
        SentimentClient(url) as client,
        pytest.raises(ApiError, match=r"HTTP 502: .* answers with something else than a sentiment service"),
    ):
        client.predict("x", timeout=0.3)


@contextmanager
def foreign(status: int, body: bytes) -> Iterator[str]:
    """Something else that speaks HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_another_version(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.version.VERSION", "0.7.0")
    with SentimentClient(api.url) as client:
        with pytest.warns(VersionWarning, match="The service is version 0.1.0"):
            client.predict("other times")
        assert client.predict("other times").label, "said once"
    with SentimentClient(api.url, check_version=False) as client:
        assert client.predict("other times").label


def test_another_version_is_said_on_stderr(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("client.version.VERSION", "0.7.0")
    Target(url=api.url, api_key=None, service=None, timeout=10, quiet=False).connect().close()
    assert capsys.readouterr().err.startswith("warning: The service is version 0.1.0, this client ")


def test_a_connection_that_is_gone(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    with SentimentClient(api.url, timeout=30) as client:
        assert client.predict("before").label
        api.process.kill()
        with pytest.raises(ConnectionFailedError) as caught:
            client.predict("meanwhile", timeout=0.3)
        assert ID.fullmatch(caught.value.request_id)
        starter = threading.Thread(target=service.start_api, args=(api.port,))
        starter.start()
        assert client.predict("after").label
        starter.join()
    wait_for(lambda: service.count("after") == 1, "one inference")
