"""A simple client for a few requests one after another, with little CPU cost."""

import http.client
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """An answer, and its latency in ms."""

    status: int
    ms: float
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == HTTPStatus.OK


def ask(base: str, path: str, payloads: Iterable[dict[str, Any]]) -> list[Answer]:
    """Send payloads by POST one after another on one connection, and return the answers."""
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    answers = []
    for payload in payloads:
        body = json.dumps(payload).encode()
        began = time.perf_counter()
        connection.request("POST", address.path + path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        data = response.read()
        answers.append(Answer(response.status, (time.perf_counter() - began) * 1000, data))
    connection.close()
    return answers
