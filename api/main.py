"""The app factory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.context import RequestContext
from api.contract.facts import TRUNCATED, UNKNOWN_SHARE
from api.description import describe
from api.http.errors import install_handlers
from api.kinds import health_paths, kinds_of, protocols_of, shapes_of
from api.protocols.kind import ClientProtocol
from api.routes.docs import description_routes, docs_routes
from api.routes.health import health_routes, probe_routes
from api.routes.jobs import job_routes
from api.routes.metrics import metrics_routes
from api.routes.page import page_routes
from api.routes.predictions import prediction_routes
from api.routes.protocols import protocol_routes
from api.routes.raw import add_routes
from api.routes.stats import stats_routes
from api.security.access import Access, access
from api.security.auth import Authenticator
from api.security.guard import Guard
from api.services import Services
from api.tracing import TraceRequests
from api.version import VERSION
from shared.process.settings import Settings

_TITLE = "Sentiment"
_DESCRIPTION = (
    "Send a sentence, get the model's labels with their scores, within two seconds. "
    "Answers come from a cache; what it lacks is computed by workers."
)
_EXPOSED = [
    "Cache-Status",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Server-Timing",
    TRUNCATED,
    UNKNOWN_SHARE,
    "X-Request-ID",
]


def create_app(settings: Settings, protocols: Sequence[ClientProtocol] | None = None) -> FastAPI:
    """Build the application; its connections are made when it starts.

    Args:
        settings: the process's settings.
        protocols: the protocols of the prediction routes; None for those of `protocols_of`.
    """
    spoken = protocols_of(settings) if protocols is None else protocols
    exempt = access(settings, health_paths(spoken))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(settings, kinds_of(spoken), shapes_of(spoken))
        app.state.services = services
        async with services.running():
            yield

    app = FastAPI(
        title=_TITLE,
        description=_DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # A redirect would contain the scheme of this process. Behind a proxy with TLS that is http, so the client would
        # send its text and key again without encryption.
        redirect_slashes=False,
    )
    shapes = shapes_of(spoken)
    install_handlers(app, settings.path_prefix, shapes)
    describe(app, settings, exempt, shapes)
    _secure(app, settings, exempt)
    app.add_middleware(RequestContext)
    if settings.otlp_endpoint:
        app.add_middleware(TraceRequests)
    add_routes(app, prediction_routes(settings, spoken), job_routes(settings), protocol_routes(spoken))
    add_routes(app, probe_routes(), health_routes(), metrics_routes())
    if settings.path_prefix:
        add_routes(app, health_routes(settings.path_prefix), description_routes(app, settings.path_prefix))
    add_routes(app, stats_routes(settings.path_prefix), docs_routes(_TITLE))
    if settings.page:
        add_routes(app, page_routes(settings))
    return app


def _secure(app: FastAPI, settings: Settings, exempt: Access) -> None:
    """Add the middleware for keys, quotas and CORS if the settings need it."""
    authenticator = Authenticator(settings.api_key_list)
    if authenticator.active or settings.rate_limit:
        app.add_middleware(Guard, settings=settings, authenticator=authenticator, exempt=exempt)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=_EXPOSED,
        )
