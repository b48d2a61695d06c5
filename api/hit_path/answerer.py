"""Builds the bytes of an answer from the bytes of a request, if it is a hit or must be refused."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from pydantic import ValidationError

from api.context import ACCEPTABLE_ID, ID_HEADER, access, log_request, new_id
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.predictor import Predictor
from api.dispatch.refusals import Refusals
from api.http.content import is_plain
from api.http.errors import problem_for
from api.metrics.tallies import Tallies
from api.protocols.kind import Kind
from api.security.auth import Authenticator
from api.security.headers import Header, secured
from api.shapes import ErrorShape
from shared.contract.errors import SentimentError
from shared.process.logs import request_id
from shared.process.settings import Settings

_OK: Final = 200


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


_FIXED: Final = _lines(secured([(b"cache-status", b"sentiment; hit")]))
_HEAD: Final = b"content-length: %d\r\ncontent-type: %b\r\n%b%bserver-timing: cache;dur=%.2f\r\nx-request-id: %b\r\n"


class Answer(NamedTuple):
    """An answer to a request."""

    status: int
    head: bytes
    """Lines of its headers, without those that all answers of the server have."""
    body: bytes


class Parts(NamedTuple):
    """The parts of the process that decide about requests here."""

    predictor: Predictor
    refusals: Refusals
    watch: FleetWatch
    tallies: Tallies


class HitAnswerer:
    """Answers hits, and refuses requests while the backlog is too large, with the same bytes as the routes.

    All other requests are left to the routes.

    Args:
        settings: limits, keys and origins.
        kinds: the prediction kinds that are answered here.
        shapes: the forms of errors that differ from problem documents.
        parts: look answers up, decide about refusals, know the active model, and count the requests.
    """

    def __init__(self, settings: Settings, kinds: Iterable[Kind], shapes: Sequence[ErrorShape], parts: Parts) -> None:
        self._predictor, self._refusals, self._watch, self._tallies = parts
        self._shapes = shapes
        self._most = settings.max_body_bytes
        self._cross_origin = bool(settings.cors_origins)
        self._authenticator = Authenticator(settings.api_key_list)
        self._keyed = self._authenticator.active
        self._kinds = {kind.path: kind for kind in kinds}
        if settings.rate_limit or settings.otlp_endpoint or access.isEnabledFor(logging.DEBUG):
            self._kinds = {}  # quotas, traces and debug logs need the routes
        self.paths = self._kinds.keys()
        """Paths with POST requests that may be answered here."""

    def answer(
        self, path: str, headers: Sequence[Header], body: bytes
    ) -> "Answer | asyncio.Future[Answer | None] | None":
        """Return the answer to a hit, or None if the routes must handle the request.

        The refusal of a request is decided later, so a future of an answer or None is returned for it.

        Args:
            path: one of `paths`.
            headers: headers of the request, with names in lower case.
            body: the whole body.
        """
        began = perf_counter()
        given = dict(headers)
        if len(given) != len(headers) or not self._plain(given) or len(body) > self._most:
            return None
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
            if not self._refusals.likely:
                return None
            return asyncio.get_running_loop().create_task(self._refuse(path, texts, _identity(given), began))
        content, told, media_type = reply
        own = _lines(told) if told else b""
        identity = _identity(given)
        seconds = perf_counter() - began
        self._tallies.request("POST", path, _OK, "hit", seconds)
        head = _HEAD % (len(content), media_type, _FIXED, own, seconds * 1000, identity)
        return Answer(_OK, head, content)

    async def _refuse(self, path: str, texts: Sequence[str], identity: bytes, began: float) -> Answer | None:
        """Return the refusal of a request, and count and log it; None if the routes must handle the request."""
        self._tallies.open_requests += 1
        try:
            error = await self._refusals.decide(texts)
        finally:
            self._tallies.open_requests -= 1
        if error is None:
            return None
        request_id.set(identity.decode())  # for this task only
        problem = problem_for(error)
        seconds = perf_counter() - began
        self._tallies.request("POST", path, problem.status_code, "none", seconds)
        self._tallies.problems[problem.code] += 1
        log_request("POST", path, problem.status_code, seconds)
        shaped = problem.at(path, self._shapes)
        head = _lines([*secured(shaped.raw_headers), (ID_HEADER, identity)])
        return Answer(shaped.status_code, head, bytes(shaped.body))

    def _plain(self, given: dict[bytes, bytes]) -> bool:
        """Whether the body is plain JSON, no CORS headers are needed, and the API key, if one is required, is valid."""
        if not is_plain(given) or (self._cross_origin and b"origin" in given):
            return False
        return not self._keyed or self._authenticator.owner_of(given.get(b"authorization", b"")) is not None


def _identity(given: dict[bytes, bytes]) -> bytes:
    """Return the caller's id of a request, or a new one."""
    identity = given.get(ID_HEADER)
    return identity if identity and ACCEPTABLE_ID.fullmatch(identity) else new_id()
