"""The routes of other protocols that tell of the service or of its model."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.errors.problems import ModelUnknownError, NotReadyError
from api.protocols.kind import ClientProtocol, Need, Page, require_card
from api.routes.describing import Parameter, answer, parameters, problems
from api.routes.health import worker_state
from api.routes.raw import RawRoute
from api.services import Services
from shared.contract.card import ModelCard

VERSION: Final = Parameter("path", "version", "Version of the model: the digest of its manifest")
_NEEDS: Final = {
    Need.LIFE: {},
    Need.WORKER: {"not-ready": "No worker can compute answers, or the process is draining"},
    Need.CARD: {"no-worker": "This process has seen no worker yet; see Retry-After"},
}


def protocol_routes(spoken: Iterable[ClientProtocol]) -> APIRouter:
    """Return one route for each page."""
    router = APIRouter(route_class=RawRoute, tags=["protocols"])
    for protocol in spoken:
        for page in protocol.pages:
            versioned = "{version}" in page.path
            lost = {"model-unknown": "This version is not served"} if versioned else {}
            router.add_api_route(
                page.path,
                _endpoint(page),
                name=page.name,
                summary=page.summary,
                include_in_schema=page.described,
                responses=answer(page.answer) | problems(_NEEDS[page.need] | lost, protocol.errors),
                openapi_extra=parameters(VERSION) if versioned else {},
            )
    return router


def require_version(request: Request, card: ModelCard | None) -> None:
    """Check the version in a request's path, if its route has one.

    Raises:
        NoWorkerError: the active version is not known.
        ModelUnknownError: another version is active.
    """
    version = request.path_params.get("version")
    if version is None:
        return
    active = require_card(card).version
    if version != active:
        raise ModelUnknownError([active])


def _endpoint(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        services: Services = request.app.state.services
        card = services.watch.card
        if page.need is Need.WORKER:
            _require_worker(services)
        require_version(request, card)
        return JSONResponse(page.write(card))

    return show


def _require_worker(services: Services) -> None:
    parts = {"process": "draining" if services.draining else "ok", "worker": worker_state(services)}
    if any(state != "ok" for state in parts.values()):
        raise NotReadyError(parts)
