"""A connection that sends each request in one piece, so that the server reads it in one."""

import json
import socket
from http.client import HTTPResponse
from typing import Any

_TIMEOUT_SECONDS = 30.0


class Connection:
    """A connection to the API that is kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _TIMEOUT_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def ask(self, method: str, path: str, payload: object = None) -> Any:
        """Send a request and return the JSON of its answer, which must be a success."""
        body = b"" if payload is None else json.dumps(payload).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: tracer\r\nContent-Length: {len(body)}\r\n"
        self._socket.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        response = HTTPResponse(self._socket, method=method)
        response.begin()
        answer = response.read()
        assert response.status < 300, f"{method} {path}: {response.status} {answer!r}"
        return json.loads(answer)
