"""The routes of jobs: submit texts, read state and results, cancel."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.contract.facts import as_json, as_list
from api.contract.options import Options
from api.contract.schemas import JobDocument, JobResults, job_request
from api.errors.problems import InvalidRequestError
from api.http.body import parse_body
from api.jobs.job import Job
from api.jobs.service import Jobs
from api.routes.describing import Parameter, answer, json_body, parameters, problem
from api.routes.options import DETAILS, TOP_K, options_of
from api.routes.query import integer
from api.routes.raw import RawRoute
from shared.contract.record import Record
from shared.contract.results import is_failure
from shared.process.settings import Settings

_LONGEST_WAIT: Final = 30
_PAGE: Final = 1000
_MOST: Final = 10_000
_NDJSON: Final = "application/x-ndjson"
_JSON: Final = "application/json"
_ID: Final = Parameter("path", "job_id", "Id of the job, from the answer to its submission")
_WAIT: Final = Parameter("query", "wait", "Wait for progress of the job, for at most so many seconds (at most 30)")
_OFFSET: Final = Parameter("query", "offset", "Index of the first text")
_LIMIT: Final = Parameter("query", "limit", "Most texts (at most 10,000)", least=1)
_IDEMPOTENCY: Final = Parameter(
    "header", "Idempotency-Key", "A second submission with the same key gets the first answer"
)
_KEY: Final = re.compile(r"[!-~]{1,255}")
_COMMON: Final[dict[int | str, dict[str, Any]]] = {
    404: problem("There is no such job, or it is another client's"),
    410: problem("The job has expired"),
    422: problem("A parameter is not valid"),
    503: problem("The queue cannot be reached; see Retry-After"),
}
_SUBMIT: Final[dict[int | str, dict[str, Any]]] = {
    408: problem("The body did not arrive in time"),
    413: problem("The body is too large"),
    415: problem("The body is not JSON"),
    422: problem("The request is not valid, or the idempotency key belongs to another payload"),
    503: problem(
        "Too much is waiting, the queue cannot be reached, or it is unknown if it has the job; see Retry-After"
    ),
}


def job_routes(settings: Settings) -> APIRouter:
    """Return the routes under ``/jobs``."""
    prefix = f"{settings.path_prefix}/jobs"
    router = APIRouter(prefix=prefix, route_class=RawRoute, tags=["jobs"])
    _add_submission(router, settings, prefix)
    _add_state(router, prefix)
    _add_results(router, prefix)
    return router


def _add_submission(router: APIRouter, settings: Settings, prefix: str) -> None:
    adapter = job_request(settings)

    @router.post(
        "",
        name="submit_job",
        summary="Submit texts as a job",
        responses=answer(JobDocument, 202) | _SUBMIT,
        openapi_extra=json_body(adapter) | parameters(_IDEMPOTENCY),
    )
    async def submit(request: Request) -> Response:
        """Accept the texts durably: an accepted job is finished even if processes of the service die."""
        key = _idempotency_key(request)
        body = await parse_body(request, adapter.validate_json, settings.max_job_body_bytes, settings.body_timeout)
        job, replayed = await _jobs(request).submit(body.text, _owner(request), key)
        headers = {"Location": f"{prefix}/{job.id}"} | ({"Idempotency-Replayed": "true"} if replayed else {})
        return _document(request, job, prefix, 202, headers)


def _add_state(router: APIRouter, prefix: str) -> None:
    @router.get(
        "/{job_id}",
        name="show_job",
        summary="See how far a job is",
        responses=answer(JobDocument) | _COMMON,
        openapi_extra=parameters(_ID, _WAIT),
    )
    async def show(request: Request) -> Response:
        seconds = min(integer(request, _WAIT, 0), _LONGEST_WAIT)
        job_id, owner = request.path_params["job_id"], _owner(request)
        jobs = _jobs(request)
        job = await (jobs.wait(job_id, owner, seconds) if seconds else jobs.find(job_id, owner))
        return _document(request, job, prefix)

    @router.delete(
        "/{job_id}",
        name="cancel_job",
        summary="Cancel a job",
        responses=answer(JobDocument) | _COMMON | {409: problem("The job has ended")},
        openapi_extra=parameters(_ID),
    )
    async def cancel(request: Request) -> Response:
        """Cancel a job: chunks that have not begun will not run; existing results can still be read."""
        return _document(request, await _jobs(request).cancel(request.path_params["job_id"], _owner(request)), prefix)


def _add_results(router: APIRouter, prefix: str) -> None:
    @router.get(
        "/{job_id}/results",
        name="job_results",
        summary="Read a job's results",
        responses=_COMMON | {200: {"model": JobResults, "content": {_NDJSON: {"schema": {"type": "string"}}}}},
        openapi_extra=parameters(_ID, _OFFSET, _LIMIT, TOP_K, DETAILS),
    )
    async def results(request: Request) -> Response:
        """Return results in the order of the texts, ``null`` for a text without a result; as NDJSON by ``Accept``.

        With details, a line of NDJSON is an object with the members ``prediction`` and ``details``.
        """
        options = options_of(request)
        job = await _jobs(request).find(request.path_params["job_id"], _owner(request))
        ndjson = _wants_lines(request.headers.get("accept", ""))
        offset = integer(request, _OFFSET, 0)
        limit = min(integer(request, _LIMIT, _MOST if ndjson else _PAGE), _MOST)
        indices = range(min(offset, job.total), min(offset + limit, job.total))
        if ndjson:
            return StreamingResponse(_lines(_jobs(request), job, indices, options), media_type=_NDJSON)
        records = await _jobs(request).results(job, indices, facts=options.details)
        return _page(job, indices, records, prefix, options)


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.services.jobs
    return jobs


def _owner(request: Request) -> str:
    owner: str = getattr(request.state, "owner", "")
    return owner


def _wants_lines(accept: str) -> bool:
    """Whether NDJSON is accepted, and named before JSON: generated clients name both."""
    before, named, _ = accept.partition(_NDJSON)
    return bool(named) and _JSON not in before


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidRequestError([{"location": "header.Idempotency-Key", "message": "1 to 255 visible characters"}])
    return key or ""


def _document(
    request: Request, job: Job, prefix: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    again = {} if job.status.final else {"Retry-After": str(_jobs(request).retry_after(job))}
    return JSONResponse(_represent(job, prefix), status, {**again, **(headers or {})})


def _represent(job: Job, prefix: str) -> dict[str, Any]:
    url = f"{prefix}/{job.id}"
    return {
        "id": job.id,
        "status": job.status,
        "progress": {"done": job.done, "total": job.total},
        "created_at": _time(job.created),
        "started_at": _time(job.started),
        "completed_at": _time(job.completed),
        "expires_at": _time(job.expires),
        "urls": {"self": url, "results": f"{url}/results", "cancel": url},
    }


def _time(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(job: Job, indices: range, records: list[Record | None], prefix: str, options: Options) -> Response:
    """Return a page of results, joined from the stored bytes."""
    following = f'"{prefix}/{job.id}/results?offset={indices.stop}&limit={len(indices)}{options.query}"'
    head = (
        f'{{"id":"{job.id}","status":"{job.status}","progress":{{"done":{job.done},"total":{job.total}}},'
        f'"offset":{indices.start},"next":{following if indices.stop < job.total else "null"},"predictions":['
    )
    bodies = b",".join(options.body(record) if record else b"null" for record in records)
    tail = b',"details":%b}' % as_list(records) if options.details else b"}"
    return Response(b"%b%b]%b" % (head.encode(), bodies, tail), media_type=_JSON)


async def _lines(jobs: Jobs, job: Job, indices: range, options: Options) -> AsyncIterator[bytes]:
    async for records in jobs.pages(job, indices, _PAGE, facts=options.details):
        yield b"".join(b"%b\n" % (_line(record, options) if record else b"null") for record in records)


def _line(record: Record, options: Options) -> bytes:
    body = options.body(record)
    if not options.details or is_failure(body):
        return body
    return b'{"prediction":%b,"details":%b}' % (body, as_json(record))
