"""Builds the bytes of an answer from the bytes of a plain prediction request, at once for a hit."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from pydantic import ValidationError

from api.context import ID_HEADER, access, identity_of, log_request
from api.direct.answer import Answer
from api.direct.faults import Faults
from api.dispatch.admission import Admission
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.predictor import Predictor
from api.dispatch.refusals import Refusals
from api.errors.shapes import ErrorShape
from api.http.content import is_plain
from api.metrics.tallies import Tallies
from api.protocols.kind import Kind, Question
from api.protocols.responses import require_predictions, respond
from api.security.auth import Authenticator
from api.security.headers import Header, lines, secured
from shared.contract.errors import SentimentError
from shared.process.logs import request_id
from shared.process.settings import Settings

_OK: Final = 200


_FIXED: Final = lines(secured([(b"cache-status", b"sentiment; hit")]))
_HEAD: Final = b"content-length: %d\r\ncontent-type: %b\r\n%b%bserver-timing: cache;dur=%.2f\r\nx-request-id: %b\r\n"


class Parts(NamedTuple):
    """The parts of the process that decide about requests here."""

    predictor: Predictor
    admission: Admission
    refusals: Refusals
    watch: FleetWatch
    tallies: Tallies


class DirectAnswerer:
    """Answers plain prediction requests, with the same bytes as the routes. All others are left to the routes.

    Args:
        settings: limits, keys and origins.
        kinds: the prediction kinds that are answered here.
        shapes: the forms of errors that differ from problem documents.
        parts: look answers up, decide about refusals, know the active model, and count the requests.
    """

    def __init__(self, settings: Settings, kinds: Iterable[Kind], shapes: Sequence[ErrorShape], parts: Parts) -> None:
        self._predictor, self._admission, self._refusals, self._watch, self._tallies = parts
        self._faults = Faults(settings.path_prefix, shapes)
        self._most = settings.max_body_bytes
        self._cross_origin = bool(settings.cors_origins)
        self._authenticator = Authenticator(settings.api_key_list)
        self._keyed = self._authenticator.active
        self._kinds = {kind.path: kind for kind in kinds}
        if settings.rate_limit or settings.otlp_endpoint or access.isEnabledFor(logging.DEBUG):
            self._kinds = {}  # quotas, traces and debug logs need the routes
        self.targets: Final = {path.encode(): path for path in self._kinds}
        """Targets of POST requests that may be answered here, and their paths."""

    def answer(self, target: bytes, headers: Sequence[Header], body: bytes) -> "Answer | asyncio.Future[Answer] | None":
        """Return the answer to a hit, the future answer to any other request, or None if the routes must handle it.

        Args:
            target: one of `targets`.
            headers: headers of the request, with names in lower case.
            body: the whole body.
        """
        began = perf_counter()
        given = dict(headers)
        if len(given) != len(headers) or not self._plain(given) or len(body) > self._most:
            return None
        path = self.targets[target]
        kind = self._kinds[path]
        try:
            question = kind.parse(body)
            texts = question.texts
            if not texts:
                return None
            answers = self._predictor.held(texts)
            if answers is not None:
                reply = question.write(answers, self._watch.card)
        except (ValidationError, SentimentError):
            return None
        if answers is None:
            return self._answer_later(path, question, identity_of(given.get(ID_HEADER)), began)
        content, told, media_type = reply
        own = lines(told) if told else b""
        identity = identity_of(given.get(ID_HEADER))
        seconds = perf_counter() - began
        self._tallies.request("POST", path, _OK, "hit", seconds)
        head = _HEAD % (len(content), media_type, _FIXED, own, seconds * 1000, identity)
        return Answer(_OK, head, content)

    def _answer_later(self, path: str, question: Question, identity: bytes, began: float) -> "asyncio.Future[Answer]":
        """Return the future answer to a request whose answers are not all in this process's memory."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def decided(error: Exception | None) -> None:
            """Refuse the request, without a task, or have it computed."""
            self._tallies.open_requests -= 1
            if error is None:
                computing = loop.create_task(self._compute(path, question, identity, began))
                computing.add_done_callback(lambda done: _pass_on(done, answer))
            elif not answer.done():
                answer.set_result(self._failed(path, error, identity, began))

        if self._admission.closed and self._refusals.decide(question.texts, decided):
            self._tallies.open_requests += 1
            return answer
        return loop.create_task(self._compute(path, question, identity, began))

    async def _compute(self, path: str, question: Question, identity: bytes, began: float) -> Answer:
        """Have a request computed, and return the answer; errors are those of the routes."""
        request_id.set(identity.decode())  # for this task only
        self._tallies.open_requests += 1
        try:
            answers = await self._predictor.predict(question.texts, request_id.get())
            require_predictions(self._kinds[path], answers)
            response = respond(question.write(answers, self._watch.card), answers)
        except Exception as error:
            return self._failed(path, error, identity, began)
        finally:
            self._tallies.open_requests -= 1
        head = lines([*secured(response.raw_headers), (ID_HEADER, identity)])
        seconds = perf_counter() - began
        self._tallies.request("POST", path, response.status_code, "miss" if answers.misses else "hit", seconds)
        log_request("POST", path, response.status_code, seconds, answers.misses)
        return Answer(response.status_code, head, bytes(response.body))

    def _failed(self, path: str, error: Exception, identity: bytes, began: float) -> Answer:
        """Return the answer to an error, and count and log it."""
        code, status, answer = self._faults.failure(path, error, identity)
        seconds = perf_counter() - began
        self._tallies.problems[code] += 1
        self._tallies.request("POST", path, status, "none", seconds)
        token = request_id.set(identity.decode())
        log_request("POST", path, answer.status, seconds)
        request_id.reset(token)
        return answer

    def _plain(self, given: dict[bytes, bytes]) -> bool:
        """Whether the body is plain JSON, no CORS headers are needed, and the API key, if one is required, is valid."""
        if not is_plain(given) or (self._cross_origin and b"origin" in given):
            return False
        return not self._keyed or self._authenticator.owner_of(given.get(b"authorization", b"")) is not None


def _pass_on(done: "asyncio.Future[Answer]", answer: "asyncio.Future[Answer]") -> None:
    """Complete a future as another one has been."""
    if answer.done():
        return
    if done.cancelled():
        answer.cancel()
    elif error := done.exception():
        answer.set_exception(error)
    else:
        answer.set_result(done.result())
