"""``/metrics``: what Prometheus reads of this process, and of the work that the broker knows."""

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
    """As much of a registry as an encoder needs."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        return iter(self._families)


def _encoder(accept: str) -> tuple[Callable[[Any], bytes], str]:
    """Choose by what the reader accepts; a version that is none gets the plain format."""
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):
        return choose_encoder("")


def metrics_routes() -> APIRouter:
    """Build the route. It is not part of the documented API: its reader is a machine with a protocol of its own."""
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
