"""POST a text or a batch, get scores."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.body import parse_body
from api.dispatch.predictor import Answers, Predictor
from api.problems import InferenceFailedError
from api.routes.raw import RawRoute, json_body, problem
from api.schemas import BulkPrediction, Prediction, bulk_request, single_request
from shared.contract.results import is_failure
from shared.process.logs import request_id
from shared.process.settings import Settings

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    408: problem("The body did not arrive in time"),
    413: problem("The body is too large, or the work too much for the deadline"),
    415: problem("The body is not JSON"),
    422: problem("The request is not valid"),
    500: problem("The model could not process any of the texts"),
    503: problem("Nobody can compute the answer now; see Retry-After"),
    504: problem("The answer was not ready in time"),
}


def prediction_routes(settings: Settings) -> APIRouter:
    """Build ``/predict`` and ``/bulk-predict``."""
    one, many = single_request(settings), bulk_request(settings)
    router = APIRouter(prefix=settings.path_prefix, route_class=RawRoute, tags=["predictions"], responses=_PROBLEMS)

    @router.post(
        "/predict",
        summary="Classify one text",
        response_model=Prediction,
        openapi_extra=json_body(one.json_schema()),
    )
    async def predict(request: Request) -> Response:
        body = await parse_body(request, one, settings.max_body_bytes, settings.body_timeout)
        answers = await _predictor(request).predict([body.text], request_id.get())
        return _respond(request, answers, b'{"prediction":', b"}")

    @router.post(
        "/bulk-predict",
        summary="Classify a batch of texts",
        response_model=BulkPrediction,
        openapi_extra=json_body(many.json_schema()),
    )
    async def bulk_predict(request: Request) -> Response:
        body = await parse_body(request, many, settings.max_body_bytes, settings.body_timeout)
        if not body.text:
            return _respond(request, Answers([], 0), b'{"predictions":[', b"]}")
        answers = await _predictor(request).predict(body.text, request_id.get())
        return _respond(request, answers, b'{"predictions":[', b"]}")

    return router


def _predictor(request: Request) -> Predictor:
    predictor: Predictor = request.app.state.services.predictor
    return predictor


def _respond(request: Request, answers: Answers, head: bytes, tail: bytes) -> Response:
    """Join the stored bytes; nothing is parsed or serialised again.

    Raises:
        InferenceFailedError: there are texts, and not one has a prediction.
    """
    bodies = answers.bodies
    if answers.misses and all(map(is_failure, bodies)):
        raise InferenceFailedError
    if bodies:  # an empty batch is neither hit nor miss
        request.state.misses = answers.misses
    return Response(
        b"".join((head, b",".join(bodies), tail)),
        headers={"Cache-Status": _cache_status(answers), "Server-Timing": _server_timing(answers)},
        media_type="application/json",
    )


def _cache_status(answers: Answers) -> str:
    """RFC 9211: a hit only if every text was; otherwise how many were."""
    if not answers.misses:
        return "sentiment; hit"
    return f'sentiment; fwd=miss; detail="hits={answers.hits} misses={answers.misses}"'


def _server_timing(answers: Answers) -> str:
    """Say how long it took, and how many texts Redis had and others were having computed already."""
    timing = f"cache;dur={answers.lookup * 1000:.2f}" + (f';desc="redis={answers.found}"' if answers.found else "")
    if not answers.misses:
        return timing
    shared = f';desc="shared={answers.shared}"' if answers.shared else ""
    return f"{timing}, queue;dur={answers.wait * 1000:.2f}{shared}, inference;dur={answers.inference * 1000:.2f}"
