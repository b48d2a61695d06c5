"""Swagger UI from an installed package instead of a CDN, with a policy that allows no other scripts."""

from html import escape
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from api.routes.raw import RawRoute

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START: Final = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def docs_routes(title: str) -> APIRouter:
    """Return the routes of ``/docs`` and its assets, whose content is read here."""
    assets = {
        asset.name: asset.read_bytes()
        for asset in files("fastapi_swagger.resources").iterdir()
        if asset.name.endswith(tuple(_TYPES))
    } | {"start.js": _START.encode()}
    page = _PAGE.format(title=escape(title)).encode()
    router = APIRouter(route_class=RawRoute, include_in_schema=False)

    @router.get("/docs")
    async def docs(_request: Request) -> Response:
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": _POLICY})

    for name, content in assets.items():
        router.add_api_route(f"/docs/{name}", _serve(content, _TYPES[name[name.rindex(".") :]]))
    return router


def description_routes(app: FastAPI, prefix: str) -> APIRouter:
    """Return the route of ``openapi.json`` under the prefix, for an ingress that passes only the prefix."""
    router = APIRouter(prefix=prefix, route_class=RawRoute, include_in_schema=False)

    @router.get("/openapi.json")
    async def description(_request: Request) -> Response:
        return JSONResponse(app.openapi())

    return router


def _serve(content: bytes, kind: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    async def asset(_request: Request) -> Response:
        return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    return asset
