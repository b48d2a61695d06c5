"""``/stats``: the figures of the page's *System* view and of `sentiment status`."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.routes.describing import Parameter, answer, parameters, problem
from api.routes.query import integer
from api.routes.raw import RawRoute
from api.services import Services
from api.stats.schemas import Stats

_AFTER: Final = Parameter("query", "after", "Return only points of later slots than this one")


def stats_routes(prefix: str) -> APIRouter:
    """Return the route ``/stats`` under the prefix."""
    router = APIRouter(prefix=prefix, route_class=RawRoute, tags=["health"])

    @router.get(
        "/stats",
        summary="The last fifteen minutes and this moment",
        responses=answer(Stats) | {422: problem("A parameter is not valid")},
        openapi_extra=parameters(_AFTER),
    )
    async def stats(request: Request) -> Response:
        """Return the counts of all API processes in slots of `step` seconds; `columns` names the numbers of a point."""
        services: Services = request.app.state.services
        content = await services.stats.read(integer(request, _AFTER, 0))
        return Response(content, media_type="application/json")

    return router
