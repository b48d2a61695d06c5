"""``/metrics``: the metrics of this process, and of the work on the broker, for Prometheus."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from fastapi import APIRouter, Request
from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from starlette.responses import Response

from api.routes.raw import RawRoute
from api.services import Services

_RUNTIME: Final = (ProcessCollector(registry=None), PlatformCollector(registry=None))


class _Collected:
    """A registry with the method that an encoder needs."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        return iter(self._families)


def _encoder(accept: str) -> tuple[Callable[[Any], bytes], str]:
    """Return the encoder and media type for an Accept header; if its version is invalid, those of the text format."""
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):
        return choose_encoder("")


def metrics_routes() -> APIRouter:
    """Return the route; it is not part of the OpenAPI description, because its format is Prometheus's."""
    router = APIRouter(route_class=RawRoute, include_in_schema=False)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        services: Services = request.app.state.services
        families = await services.report.families()
        for collector in _RUNTIME:
            families += collector.collect()
        encode, media_type = _encoder(request.headers.get("accept", ""))
        return Response(encode(_Collected(families)), headers={"Content-Type": media_type})

    return router
