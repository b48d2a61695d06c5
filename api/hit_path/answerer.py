"""Builds the bytes of an answer from the bytes of a request, if all its texts are in this process's memory."""

import logging
from collections.abc import Iterable, Sequence
from secrets import token_hex
from time import perf_counter
from typing import Final

from pydantic import ValidationError

from api.context import ACCEPTABLE_ID, ID_HEADER, access
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.predictor import Predictor
from api.http.content import is_plain
from api.metrics.tallies import Tallies
from api.protocols.kind import Kind
from api.security.auth import Authenticator
from api.security.headers import Header, secured
from shared.contract.errors import SentimentError
from shared.process.settings import Settings

_OK: Final = 200
_FIXED: Final = secured([(b"cache-status", b"sentiment; hit")])
_HEAD: Final = (
    b"content-length: %d\r\ncontent-type: %b\r\n%bserver-timing: cache;dur=%.2f\r\n%bx-request-id: %b\r\n\r\n%b"
)


class HitAnswerer:
    """Answers requests whose answers are all in memory, with the same bytes as the routes; leaves all others to them.

    Args:
        settings: limits, keys and origins.
        kinds: the prediction kinds that are answered here.
        predictor: returns answers from memory.
        watch: knows the active model.
        tallies: counts the hits.
    """

    def __init__(
        self, settings: Settings, kinds: Iterable[Kind], predictor: Predictor, watch: FleetWatch, tallies: Tallies
    ) -> None:
        self._tallies = tallies
        self._watch = watch
        self._predictor = predictor
        self._most = settings.max_body_bytes
        self._cross_origin = bool(settings.cors_origins)
        self._authenticator = Authenticator(settings.api_key_list)
        self._keyed = self._authenticator.active
        self._kinds = {kind.path: kind for kind in kinds}
        self._fixed = b"".join(b"%b: %b\r\n" % header for header in _FIXED)
        if settings.rate_limit or settings.otlp_endpoint or access.isEnabledFor(logging.DEBUG):
            self._kinds = {}  # quotas, traces and debug logs need the routes
        self.paths = self._kinds.keys()
        """Paths with POST requests that may be answered here."""

    def answer(self, path: str, headers: Sequence[Header], body: bytes) -> bytes | None:
        """Return the answer without its status line, or None if the routes must handle the request.

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
            answers = self._predictor.held(question.texts) if question.texts else None
            if answers is None:
                return None
            content, headers, media_type = question.write(answers, self._watch.card)
        except (ValidationError, SentimentError):
            return None
        identity = given.get(ID_HEADER, b"")
        if not ACCEPTABLE_ID.fullmatch(identity):
            identity = token_hex(16).encode()
        seconds = perf_counter() - began
        self._tallies.request("POST", path, _OK, "hit", seconds)
        own = b"".join(b"%b: %b\r\n" % header for header in headers) if headers else b""
        return _HEAD % (len(content), media_type, self._fixed, seconds * 1000, own, identity, content)

    def _plain(self, given: dict[bytes, bytes]) -> bool:
        """Whether the body is plain JSON, no CORS headers are needed, and the API key, if one is required, is valid."""
        if not is_plain(given) or (self._cross_origin and b"origin" in given):
            return False
        return not self._keyed or self._authenticator.owner_of(given.get(b"authorization", b"")) is not None
