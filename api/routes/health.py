"""The routes of health: the process is alive, it accepts requests, the whole service works."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.contract.schemas import Alive, Health
from api.errors.problems import NotReadyError
from api.routes.describing import answer, problem
from api.routes.raw import RawRoute
from api.services import Services
from shared.contract.names import Lane


def probe_routes() -> APIRouter:
    """Return the routes ``/livez`` and ``/readyz``, which report the state of this process only."""
    router = APIRouter(route_class=RawRoute, tags=["health"])

    @router.get("/livez", summary="The process is alive", responses=answer(Alive))
    async def livez(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @router.get(
        "/readyz",
        summary="This process takes traffic",
        responses=answer(Alive) | {503: problem("It is draining")},
    )
    async def readyz(request: Request) -> Response:
        """Report readiness, also without workers or Redis, because the process can still answer hits."""
        if _services(request).draining:
            raise NotReadyError({"process": "draining"})
        return JSONResponse({"status": "ok"})

    return router


def health_routes(prefix: str = "") -> APIRouter:
    """Return the route ``/health`` under a prefix, which reports the state of the whole service."""
    router = APIRouter(prefix=prefix, route_class=RawRoute, tags=["health"])

    @router.get(
        "/health",
        name="service_health" if prefix else "health",
        summary="The whole path works",
        responses=answer(Health) | {503: problem("A part is missing; the detail says which")},
    )
    async def health(request: Request) -> Response:
        """Answer 200 only if both Redis answer and a worker has completed a real inference in the last 15 seconds.

        Warnings name unsafe settings of either Redis.
        """
        services = _services(request)
        parts = _parts(services)
        if any(state != "ok" for state in parts.values()):
            raise NotReadyError(parts)
        warnings = services.redis.warnings
        document = {"status": "ok", "parts": parts, "engines": _engines(services)}
        return JSONResponse(document | ({"warnings": warnings} if warnings else {}))

    return router


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _engines(services: Services) -> list[dict[str, str | int]]:
    engines = services.watch.fleet.engines
    return [{"engine": engine, "variant": variant, "workers": count} for (engine, variant), count in engines.items()]


def worker_state(services: Services) -> str:
    """Return ``ok`` if a worker computes answers, otherwise the reason why none does."""
    watch = services.watch
    if not watch.broker_up:
        return "unknown while the broker is away"
    if not watch.fleet.serving(Lane.INTERACTIVE):
        return "none is live"
    return "ok" if watch.fleet.proven else "none has completed an inference in the last 15 s"


def _parts(services: Services) -> dict[str, str]:
    return {
        "broker": "ok" if services.watch.broker_up else "does not answer",
        "cache": "ok" if services.cache.up else "does not answer",
        "worker": worker_state(services),
    }
