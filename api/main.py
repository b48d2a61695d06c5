"""The app factory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.context import RequestContext
from api.description import describe
from api.facts import TRUNCATED, UNKNOWN_SHARE
from api.kinds import Kind, prediction_kinds
from api.problems import install_handlers
from api.routes.docs import description_routes, docs_routes
from api.routes.health import health_routes, probe_routes
from api.routes.jobs import job_routes
from api.routes.metrics import metrics_routes
from api.routes.page import page_routes
from api.routes.predictions import prediction_routes
from api.routes.raw import add_routes
from api.routes.stats import stats_routes
from api.security.auth import Authenticator
from api.security.guard import Guard
from api.services import Services
from api.tracing import TraceRequests
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


def create_app(settings: Settings, kinds: Sequence[Kind] | None = None) -> FastAPI:
    """Build the application; its connections are made when it starts.

    Args:
        settings: the process's settings.
        kinds: the prediction kinds; None for those of `prediction_kinds`.
    """
    kinds = prediction_kinds(settings) if kinds is None else kinds

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(settings, kinds)
        app.state.services = services
        async with services.running():
            yield

    app = FastAPI(
        title=_TITLE,
        description=_DESCRIPTION,
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # A redirect would contain the scheme of this process. Behind a proxy with TLS that is http, so the client would
        # send its text and key again without encryption.
        redirect_slashes=False,
    )
    install_handlers(app, settings.path_prefix)
    describe(app, settings)
    _secure(app, settings)
    app.add_middleware(RequestContext)
    if settings.otlp_endpoint:
        app.add_middleware(TraceRequests)
    add_routes(
        app, prediction_routes(settings, kinds), job_routes(settings), probe_routes(), health_routes(), metrics_routes()
    )
    if settings.path_prefix:
        add_routes(app, health_routes(settings.path_prefix), description_routes(app, settings.path_prefix))
    add_routes(app, stats_routes(settings.path_prefix), docs_routes(_TITLE))
    if settings.page:
        add_routes(app, page_routes(settings))
    return app


def _secure(app: FastAPI, settings: Settings) -> None:
    """Add the middleware for keys, quotas and CORS if the settings need it."""
    authenticator = Authenticator(settings.api_key_list)
    if authenticator.active or settings.rate_limit:
        app.add_middleware(Guard, settings=settings, authenticator=authenticator)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=_EXPOSED,
        )
