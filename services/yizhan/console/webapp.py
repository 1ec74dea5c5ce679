"""The built web app: one page for every path that is not the API, and its files."""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).resolve().parent / "static"

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
"""Inline styles are Element Plus's; scripts come from our own files only."""

PAGES = ("/", "/signin", "/inbox", "/knowledge", "/numbers", "/tickets", "/users", "/profile")


def webapp_routes() -> list[web.RouteDef]:
    """The page under each of its addresses, and ``/assets/…``."""
    pages = [web.get(path, _page) for path in PAGES]
    below = [web.get(f"{path}/{{rest:.*}}", _page) for path in PAGES if path != "/"]
    return [*pages, *below, web.get("/assets/{name}", _asset), web.get("/favicon.svg", _icon)]


async def _page(_: web.Request) -> web.StreamResponse:
    page = STATIC / "index.html"
    if not page.is_file():
        return web.Response(status=503, text="The console is not built: run `make web`.\n")
    return web.FileResponse(page, headers={"Cache-Control": "no-cache"})


async def _asset(request: web.Request) -> web.StreamResponse:
    """Files whose names carry the hash of their content: they never change."""
    name = request.match_info["name"]
    path = STATIC / "assets" / name
    if "/" in name or name.startswith(".") or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def _icon(_: web.Request) -> web.StreamResponse:
    path = STATIC / "favicon.svg"
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "public, max-age=86400"})
