"""The page at ``/``: only the product's own files, with a policy that allows no other scripts."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.routes.raw import RawRoute
from shared.process.settings import Settings

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_FOOT: Final = '<a href="docs">API documentation</a> <a href="metrics">Metrics</a>'
_FOOT_UNDER_PREFIX: Final = '<a href="openapi.json">Description of the API</a>'


def page_routes(settings: Settings) -> APIRouter:
    """Return the routes of the page at ``/`` and under the prefix, for an ingress that passes only the prefix.

    Assets are read here, and their paths contain a digest of their content, so that browsers can cache them for ever.
    """
    assets = dict(_assets(files("api") / "page", ""))
    router = APIRouter(route_class=RawRoute, include_in_schema=False)
    _mount(router, "", _render(settings, settings.path_prefix, _FOOT, assets), assets)
    if settings.path_prefix:
        _mount(router, settings.path_prefix, _render(settings, "", _FOOT_UNDER_PREFIX, assets), assets)
        router.add_api_route(settings.path_prefix, _slash)
    return router


async def _slash(request: Request) -> Response:
    """Redirect to the same path with a slash at its end, because the page's links are relative to that."""
    return Response(status_code=308, headers={"Location": f"{request.url.path.rpartition('/')[2]}/"})


def _mount(router: APIRouter, path: str, page: bytes, assets: Mapping[str, bytes]) -> None:
    @router.get(f"{path}/")
    async def index(request: Request) -> Response:
        return _answer(request, page, "text/html", _digest(page), _ASK_AGAIN, {"Content-Security-Policy": POLICY})

    digest = _name(assets)

    @router.get(f"{path}/page/{digest}/{{name:path}}")
    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in assets or name.endswith(".html"):
            raise HTTPException(404)
        return _answer(request, assets[name], _TYPES[name[name.rindex(".") :]], digest, _FOR_EVER, {})


def _assets(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _assets(entry, f"{path}{entry.name}/")
        elif entry.name.endswith((*_TYPES, ".html")):
            yield f"{path}{entry.name}", entry.read_bytes()


def _render(settings: Settings, prefix: str, foot: str, assets: Mapping[str, bytes]) -> bytes:
    """Return the page's HTML with the paths of its assets and the service's limits; it contains no secret."""
    facts = {
        "prefix": prefix.removeprefix("/"),
        "keys": bool(settings.api_key_list),
        "deadline": settings.deadline,
        "texts": settings.max_texts,
        "chars": settings.max_chars,
        "bytes": settings.max_body_bytes,
        "jobTexts": settings.max_job_texts,
        "jobBytes": settings.max_job_body_bytes,
        "jobTtl": settings.job_ttl,
    }
    base = f"page/{_name(assets)}"
    links = [
        *(f'<link rel="stylesheet" href="{base}/{name}">' for name in assets if name.endswith(".css")),
        *(f'<link rel="modulepreload" href="{base}/{name}">' for name in assets if name.endswith(".js")),
    ]
    page = assets["index.html"].decode()
    values = {"facts": escape(json.dumps(facts)), "links": "\n".join(links), "foot": foot, "base": base}
    for name, value in values.items():
        page = page.replace(f"{{{{{name}}}}}", value)
    return page.encode()


def _name(assets: Mapping[str, bytes]) -> str:
    return _digest(b"".join(assets.values()))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()


def _answer(request: Request, content: bytes, kind: str, tag: str, lifetime: str, headers: dict[str, str]) -> Response:
    """Return content, or a 304 if the browser has it already."""
    headers = {"Cache-Control": lifetime, "ETag": f'"{tag}"', **headers}
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)
