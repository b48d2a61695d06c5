"""From the bytes of a request to the bytes of its answer, if all that it asks for is held here."""

import logging
from collections.abc import Iterable, Sequence
from secrets import token_hex
from time import perf_counter
from typing import Final

from pydantic import ValidationError

from api.context import ACCEPTABLE_ID, ID_HEADER, access
from api.dispatch.predictor import Predictor
from api.http.content import JSON, is_plain
from api.kinds import Kind
from api.metrics.tallies import Tallies
from api.security.auth import Authenticator
from api.security.headers import Header, secured
from shared.process.settings import Settings

_OK: Final = 200
_FIXED: Final = secured([(b"content-type", JSON), (b"cache-status", b"sentiment; hit")])


class HitAnswerer:
    """Answers hits of this process as the routes would, or leaves a request to them.

    Args:
        settings: limits, and what must be asked of every request.
        kinds: of predictions, which are answered here.
        predictor: knows what is held here.
        tallies: where hits are counted.
    """

    def __init__(self, settings: Settings, kinds: Iterable[Kind], predictor: Predictor, tallies: Tallies) -> None:
        self._tallies = tallies
        self._predictor = predictor
        self._most = settings.max_body_bytes
        self._cross_origin = bool(settings.cors_origins)
        self._authenticator = Authenticator(settings.api_key_list)
        self._keyed = self._authenticator.active
        self._kinds = {kind.path: kind for kind in kinds}
        self._fixed = b"".join(b"%b: %b\r\n" % header for header in _FIXED)
        if settings.rate_limit or settings.otlp_endpoint or access.isEnabledFor(logging.DEBUG):
            self._kinds = {}  # what is limited, traced or logged goes the usual way
        self.paths = self._kinds.keys()
        """Paths at which POST requests may be answered here."""

    def answer(self, path: str, headers: Sequence[Header], body: bytes) -> bytes | None:
        """Return the answer from its first header on; None if the routes must find it, or what is wrong.

        Args:
            path: one that is served.
            headers: of the request, names in lower case.
            body: all of it.
        """
        began = perf_counter()
        given = dict(headers)
        if len(given) != len(headers) or not self._plain(given) or len(body) > self._most:
            return None
        kind = self._kinds[path]
        try:
            bodies = self._predictor.held(kind.read(body))
        except ValidationError:
            return None
        if not bodies:
            return None
        content = kind.write(bodies)
        identity = given.get(ID_HEADER, b"")
        if not ACCEPTABLE_ID.fullmatch(identity):
            identity = token_hex(16).encode()
        seconds = perf_counter() - began
        self._tallies.request("POST", path, _OK, "hit", seconds)
        return b"content-length: %d\r\n%bserver-timing: cache;dur=%.2f\r\nx-request-id: %b\r\n\r\n%b" % (
            len(content),
            self._fixed,
            seconds * 1000,
            identity,
            content,
        )

    def _plain(self, given: dict[bytes, bytes]) -> bool:
        """Whether nothing about the request needs a closer look, and who asks may."""
        if not is_plain(given) or (self._cross_origin and b"origin" in given):
            return False
        return not self._keyed or self._authenticator.owner_of(given.get(b"authorization", b"")) is not None
