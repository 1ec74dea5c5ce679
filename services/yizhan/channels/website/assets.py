"""The widget's script and a page that shows it, as they were built into the package."""

from pathlib import Path

from aiohttp import web

from yizhan.core.runtime.http import Problem

STATIC = Path(__file__).resolve().parent / "static"

SCRIPT_CACHE = "public, max-age=300, stale-while-revalidate=86400"
"""Short: every page of a business has this address in it, and a new version must arrive."""

SCRIPTS = ("widget.js", "widget-panel.js")

DEMO_CSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; media-src 'self' blob:; base-uri 'none'; frame-ancestors 'self'"


def asset_routes(static: Path = STATIC) -> list[web.RouteDef]:
    """``/widget.js`` for every site, ``/widget-panel.js`` that it fetches when opened, ``/demo`` for trying it out."""

    def script(name: str) -> web.RouteDef:
        headers = {
            "Cache-Control": SCRIPT_CACHE,
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }

        async def give(_request: web.Request) -> web.StreamResponse:
            return _file(static / name, "text/javascript", headers)

        return web.get(f"/{name}", give)

    async def demo(_request: web.Request) -> web.StreamResponse:
        return _file(
            static / "demo.html", "text/html", {"Cache-Control": "no-cache", "Content-Security-Policy": DEMO_CSP}
        )

    return [*map(script, SCRIPTS), web.get("/demo", demo)]


def _file(path: Path, content_type: str, headers: dict[str, str]) -> web.StreamResponse:
    """Aiohttp answers conditional requests by itself. In a source checkout the file may not be built yet."""
    if not path.is_file():
        raise Problem(503, "not_built", f"{path.name} is not built", "Run: make web")
    response = web.FileResponse(path, headers=headers)
    response.content_type = content_type
    response.charset = "utf-8"
    return response
