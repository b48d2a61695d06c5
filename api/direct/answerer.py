"""Builds the bytes of an answer from the bytes of a plain prediction request, at once for a hit."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from pydantic import ValidationError
from starlette.responses import Response

from api.context import ACCEPTABLE_ID, ID_HEADER, access, log_request, new_id
from api.direct.answer import Answer, lines
from api.direct.faults import Faults
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.predictor import Predictor
from api.dispatch.refusals import Refusals
from api.errors.shapes import ErrorShape
from api.http.content import is_plain
from api.metrics.tallies import Tallies
from api.protocols.kind import Kind, Question
from api.protocols.responses import require_predictions, respond
from api.security.auth import Authenticator
from api.security.headers import Header, secured
from shared.contract.errors import SentimentError
from shared.process.logs import request_id
from shared.process.settings import Settings

_OK: Final = 200


_FIXED: Final = lines(secured([(b"cache-status", b"sentiment; hit")]))
_HEAD: Final = b"content-length: %d\r\ncontent-type: %b\r\n%b%bserver-timing: cache;dur=%.2f\r\nx-request-id: %b\r\n"


class Parts(NamedTuple):
    """The parts of the process that decide about requests here."""

    predictor: Predictor
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
        self._predictor, self._refusals, self._watch, self._tallies = parts
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
            return asyncio.get_running_loop().create_task(self._later(path, question, _identity(given), began))
        content, told, media_type = reply
        own = lines(told) if told else b""
        identity = _identity(given)
        seconds = perf_counter() - began
        self._tallies.request("POST", path, _OK, "hit", seconds)
        head = _HEAD % (len(content), media_type, _FIXED, own, seconds * 1000, identity)
        return Answer(_OK, head, content)

    async def _later(self, path: str, question: Question, identity: bytes, began: float) -> Answer:
        """Return the answer to a request whose answers are not all in this process's memory, and count and log it."""
        request_id.set(identity.decode())  # for this task only
        self._tallies.open_requests += 1
        cache, misses = "none", 0
        try:
            response, misses = await self._compute(self._kinds[path], question)
            status, cache = response.status_code, "miss" if misses else "hit"
            head = lines([*secured(response.raw_headers), (ID_HEADER, identity)])
            answer = Answer(status, head, bytes(response.body))
        except Exception as error:
            code, status, answer = self._faults.failure(path, error, identity)
            self._tallies.problems[code] += 1
        finally:
            self._tallies.open_requests -= 1
        seconds = perf_counter() - began
        self._tallies.request("POST", path, status, cache, seconds)
        log_request("POST", path, answer.status, seconds, misses)
        return answer

    async def _compute(self, kind: Kind, question: Question) -> tuple[Response, int]:
        """Return the response to a request, and the number of its misses; errors are those of the routes."""
        texts = question.texts
        if self._refusals.likely and (error := await self._refusals.decide(texts)):
            raise error
        answers = await self._predictor.predict(texts, request_id.get())
        require_predictions(kind, answers)
        return respond(question.write(answers, self._watch.card), answers), answers.misses

    def _plain(self, given: dict[bytes, bytes]) -> bool:
        """Whether the body is plain JSON, no CORS headers are needed, and the API key, if one is required, is valid."""
        if not is_plain(given) or (self._cross_origin and b"origin" in given):
            return False
        return not self._keyed or self._authenticator.owner_of(given.get(b"authorization", b"")) is not None


def _identity(given: dict[bytes, bytes]) -> bytes:
    """Return the caller's id of a request, or a new one."""
    identity = given.get(ID_HEADER)
    return identity if identity and ACCEPTABLE_ID.fullmatch(identity) else new_id()
