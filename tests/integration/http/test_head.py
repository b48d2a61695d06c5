"""HEAD: status and headers of GET, and no body, wherever GET is."""

import re

import pytest

from tests.integration.http.conversation import Answer, Conversation
from tests.support.service import Api

PATHS = [
    "/", "/livez", "/readyz", "/health", "/metrics", "/docs", "/docs/swagger-ui.css", "/openapi.json", "/project",
    "/project/", "/project/health", "/project/stats", "/project/openapi.json", "/project/jobs/unknown",
    "/project/jobs/unknown/results", "/nowhere",
]  # fmt: skip
CHANGING = {"x-request-id", "date", "content-length"}


def ask(connection: Conversation, method: str, path: str) -> Answer:
    connection.send(f"{method} {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    answer = connection.answer(head_only=method == "HEAD")
    assert answer is not None
    return answer


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_as_get_without_a_body(served: Api, path: str) -> None:
    with Conversation(served) as connection:
        get, head = ask(connection, "GET", path), ask(connection, "HEAD", path)
        assert head.status == get.status
        assert set(head.headers) == set(get.headers)
        assert all(head.headers[name] == get.headers[name] for name in set(get.headers) - CHANGING)
        if path not in {"/metrics", "/project/stats"}:  # these change by themselves
            assert head.headers.get("content-length") == get.headers.get("content-length")
        assert connection.goes_on()


def test_head_of_the_pages_files(served: Api) -> None:
    with Conversation(served) as connection:
        page = ask(connection, "GET", "/").body.decode()
        names = re.findall(r'href="(page/[^"]+)"', page)
        assert names
        for name in names:
            get, head = ask(connection, "GET", f"/{name}"), ask(connection, "HEAD", f"/{name}")
            assert (head.status, head.headers["content-length"]) == (200, get.headers["content-length"])
        assert connection.goes_on()


@pytest.mark.parametrize("path", ["/livez", "/project/stats", "/", "/metrics"])
def test_other_methods_are_told_of_head(served: Api, path: str) -> None:
    with Conversation(served) as connection:
        answer = ask(connection, "DELETE", path)
        assert answer.status == 405
        assert "GET, HEAD" in answer.headers["allow"]


def test_head_where_there_is_no_get(served: Api) -> None:
    with Conversation(served) as connection:
        answer = ask(connection, "HEAD", "/project/predict")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_the_description_names_no_operation_twice(served: Api) -> None:
    document = served.client.get("/openapi.json").json()
    assert not any("head" in operations for operations in document["paths"].values())
    names = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(names) == len(set(names))
