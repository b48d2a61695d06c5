"""The names of uvicorn that the protocols lean on are there, and mean what is expected."""

import inspect

import pytest
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle


@pytest.mark.parametrize(
    "name",
    [
        "_should_upgrade",
        "_start_asgi_task",
        "_unset_keepalive_if_required",
        "data_received",
        "on_body",
        "on_header",
        "on_headers_complete",
        "on_message_begin",
        "on_message_complete",
        "on_response_complete",
    ],
)
def test_the_protocol_has_the_method(name: str) -> None:
    assert inspect.isfunction(getattr(HttpToolsProtocol, name))


@pytest.mark.parametrize(
    ("of", "names"),
    [
        (
            HttpToolsProtocol,
            [
                *("cycle", "expect_100_continue", "flow", "headers", "logger", "parser", "pipeline", "scope"),
                *("server_state", "transport", "url"),
            ],
        ),
        (
            RequestResponseCycle,
            [
                *("body", "disconnected", "keep_alive", "message_event", "more_body", "response_complete"),
                "response_started",
            ],
        ),
    ],
)
def test_the_attributes_are_set(of: type, names: list[str]) -> None:
    source = inspect.getsource(of)
    assert [name for name in names if f"self.{name}" not in source] == []


def test_the_protocol_leaves_a_request_to_be_upgraded_alone() -> None:
    source = inspect.getsource(httptools_impl)
    assert source.count("self.parser.should_upgrade() and self._should_upgrade()") == 3


def test_a_status_line_is_whole() -> None:
    assert STATUS_LINE[400] == b"HTTP/1.1 400 Bad Request\r\n"
