"""The routes of the prediction kinds."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dispatch.predictor import Answers, Predictor
from api.facts import as_headers
from api.http.body import parse_body
from api.kinds import Kind
from api.problems import InferenceFailedError
from api.routes.describing import answer, json_body, problem
from api.routes.options import DESCRIBED, Options, options_of
from api.routes.raw import RawRoute
from shared.contract.results import is_failure
from shared.process.logs import request_id
from shared.process.settings import Settings

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    408: problem("The body did not arrive in time"),
    413: problem("The body is too large, or the work too much for the deadline"),
    415: problem("The body is not JSON"),
    422: problem("The request is not valid"),
    500: problem("The model could not process any of the texts"),
    503: problem("The answer cannot be computed now; see Retry-After"),
    504: problem("The answer was not ready in time"),
}


def prediction_routes(settings: Settings, kinds: Iterable[Kind]) -> APIRouter:
    """Return one route for each prediction kind."""
    router = APIRouter(route_class=RawRoute, tags=["predictions"], responses=_PROBLEMS)
    for kind in kinds:
        router.add_api_route(
            kind.path,
            _endpoint(kind, settings),
            methods=["POST"],
            name=kind.name,
            summary=kind.summary,
            responses=answer(kind.answer),
            openapi_extra=json_body(kind.request.json_schema()) | DESCRIBED,
        )
    return router


def _endpoint(kind: Kind, settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    async def predict(request: Request) -> Response:
        options = options_of(request)
        texts = await parse_body(request, kind.read, settings.max_body_bytes, settings.body_timeout)
        answers = await _predictor(request).predict(texts, request_id.get()) if texts else Answers([], 0)
        return _respond(request, kind, answers, options)

    return predict


def _predictor(request: Request) -> Predictor:
    predictor: Predictor = request.app.state.services.predictor
    return predictor


def _respond(request: Request, kind: Kind, answers: Answers, options: Options) -> Response:
    """Return the answer, joined from the stored bytes without parsing them.

    Raises:
        InferenceFailedError: the inference of every text failed.
    """
    records = answers.records
    bodies = [options.body(record) for record in records]
    if answers.misses and all(map(is_failure, bodies)):
        raise InferenceFailedError
    if bodies:  # an empty batch counts as neither hit nor miss
        request.state.misses = answers.misses
    response = Response(
        kind.write_details(bodies, records) if options.details else kind.write(bodies),
        headers={"Cache-Status": _cache_status(answers), "Server-Timing": _server_timing(answers)},
        media_type="application/json",
    )
    if kind.single:
        response.raw_headers += as_headers(records[0])
    return response


def _cache_status(answers: Answers) -> str:
    """Return the Cache-Status header (RFC 9211): a hit if all texts were, otherwise the numbers of hits and misses."""
    if not answers.misses:
        return "sentiment; hit"
    return f'sentiment; fwd=miss; detail="hits={answers.hits} misses={answers.misses}"'


def _server_timing(answers: Answers) -> str:
    """Return the Server-Timing header: times in ms, and the numbers of texts found in Redis and shared with others."""
    timing = f"cache;dur={answers.lookup * 1000:.2f}" + (f';desc="redis={answers.found}"' if answers.found else "")
    if not answers.misses:
        return timing
    shared = f';desc="shared={answers.shared}"' if answers.shared else ""
    return f"{timing}, queue;dur={answers.wait * 1000:.2f}{shared}, inference;dur={answers.inference * 1000:.2f}"
