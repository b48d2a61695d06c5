from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from shared.probe import default_url, probe
from shared.stack.ports import free_port


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_nothing_is_wrong_with_a_200(server: str) -> None:
    assert not probe(f"{server}/readyz")


def test_any_other_status_is_told(server: str) -> None:
    assert "503" in probe(f"{server}/health")


def test_silence_and_nonsense_are_told() -> None:
    assert "refused" in probe(f"http://127.0.0.1:{free_port()}/readyz")
    assert probe("not a url")


def test_a_proxy_of_the_environment_is_not_asked(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert not probe(f"{server}/readyz")


def test_the_port_is_the_apis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_API_PORT", "8123")
    assert default_url() == "http://127.0.0.1:8123/readyz"
