"""The response to a prediction request, with the headers about its lookups and its wait."""

from starlette.responses import Response

from api.dispatch.predictor import Answers
from api.errors.problems import InferenceFailedError
from api.protocols.kind import Kind, Reply
from shared.contract.results import is_failure


def require_predictions(kind: Kind, answers: Answers) -> None:
    """Check that there are predictions, for every text if the answer has no room for errors.

    Raises:
        InferenceFailedError: the inference of every text failed, or of one text.
    """
    if not answers.misses:
        return  # failures are not cached
    failed = [is_failure(record.body) for record in answers.records]
    if all(failed) if kind.partial else any(failed):
        raise InferenceFailedError


def respond(reply: Reply, answers: Answers) -> Response:
    """Return the response with a written answer."""
    response = Response(reply.body, media_type=reply.media_type.decode())
    response.raw_headers += [
        *reply.headers,
        (b"cache-status", _cache_status(answers).encode()),
        (b"server-timing", _server_timing(answers).encode()),
    ]
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
