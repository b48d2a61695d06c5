"""``/stats``: what the page shows of the system, for whoever watches without a Prometheus."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.routes.describing import Parameter, answer, parameters, problem
from api.routes.query import integer
from api.routes.raw import RawRoute
from api.services import Services
from api.stats.schemas import Stats

_AFTER: Final = Parameter("query", "after", "Only the points of later slots than this one")


def stats_routes(prefix: str) -> APIRouter:
    """Build ``/stats`` under the prefix."""
    router = APIRouter(prefix=prefix, route_class=RawRoute, tags=["health"])

    @router.get(
        "/stats",
        summary="The last fifteen minutes and this moment",
        responses=answer(Stats) | {422: problem("A parameter is not valid")},
        openapi_extra=parameters(_AFTER),
    )
    async def stats(request: Request) -> Response:
        """Counted by all API processes together, in slots of `step` seconds; a point has the numbers of `columns`."""
        services: Services = request.app.state.services
        content = await services.stats.read(integer(request, _AFTER, 0))
        return Response(content, media_type="application/json")

    return router
