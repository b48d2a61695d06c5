"""The routes of the prediction kinds."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.contract.options import Options
from api.dispatch.predictor import Answers
from api.errors.problems import InvalidRequestError
from api.http.body import parse_body
from api.protocols.kind import BINARY_HEADER, ClientProtocol, Kind, Question
from api.protocols.responses import require_predictions, respond
from api.routes.describing import Parameter, answer, json_body, parameters, problems
from api.routes.options import DESCRIBED, options_of
from api.routes.protocols import VERSION, require_version
from api.routes.raw import RawRoute
from api.services import Services
from shared.process.logs import request_id
from shared.process.settings import Settings

_PROBLEMS: Final = {
    "body-timeout": "The body did not arrive in time",
    "body-too-large": "The body is too large, or the work too much for the deadline",
    "unsupported-media-type": "The body is not JSON",
    "invalid-request": "The request is not valid",
    "inference-failed": "The model could not process any of the texts",
    "no-worker": "The answer cannot be computed now; see Retry-After",
    "overloaded": "Too much work is waiting; see Retry-After",
    "deadline-exceeded": "The answer was not ready in time",
}
"""Descriptions by problem code."""
_DIGITS: Final = 9
"""Most digits of a length in a header."""


def prediction_routes(settings: Settings, spoken: Iterable[ClientProtocol]) -> APIRouter:
    """Return one route for each prediction kind."""
    router = APIRouter(route_class=RawRoute, tags=["predictions"])
    for protocol in spoken:
        for kind in protocol.kinds:
            router.add_api_route(
                kind.path,
                _endpoint(kind, settings),
                methods=["POST"],
                name=kind.name,
                summary=kind.summary,
                include_in_schema=kind.described,
                responses=answer(kind.answer) | problems(_PROBLEMS | kind.refusals, protocol.errors),
                openapi_extra=json_body(kind.request) | parameters(*_parameters(kind)),
            )
    return router


def _parameters(kind: Kind) -> tuple[Parameter, ...]:
    return (*((VERSION,) if "{version}" in kind.path else ()), *(DESCRIBED if kind.write_options else ()))


def _endpoint(kind: Kind, settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    async def predict(request: Request) -> Response:
        services: Services = request.app.state.services
        require_version(request, services.watch.card)
        options = options_of(request) if kind.write_options else Options()
        question = await _read(request, kind, settings)
        texts = question.texts
        answers = await services.predictor.predict(texts, request_id.get()) if texts else Answers([], 0)
        require_predictions(kind, answers)
        if kind.write_options and options != Options():
            reply = kind.write_options(answers, options)
        else:
            reply = question.write(answers, services.watch.card)
        if texts:  # an empty batch counts as neither hit nor miss
            request.state.misses = answers.misses
        return respond(reply, answers)

    return predict


async def _read(request: Request, kind: Kind, settings: Settings) -> Question:
    """Read the body of a request: JSON, or JSON with binary data behind it.

    Raises:
        InvalidRequestError: the length of the JSON is not a number.
    """
    length = request.headers.get(BINARY_HEADER)
    if kind.binary is None or length is None:
        return await parse_body(request, kind.parse, settings.max_body_bytes, settings.body_timeout)
    if not length.isdecimal() or len(length) > _DIGITS:
        raise InvalidRequestError([{"location": f"header.{BINARY_HEADER}", "message": "Send a number of bytes"}])
    read = partial(kind.binary, int(length))
    return await parse_body(request, read, settings.max_body_bytes, settings.body_timeout, json=False)
