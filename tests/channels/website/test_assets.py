"""The widget's script and the demo page."""

from pathlib import Path

import aiohttp
import pytest

from yizhan.channels.website.assets import asset_routes
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.metrics import Metrics


@pytest.mark.parametrize("path", ["/widget.js", "/demo"])
async def test_what_is_built_is_served_with_a_short_cache(tmp_path: Path, path: str) -> None:
    (tmp_path / "widget.js").write_text("console.log('驿站')", encoding="utf-8")
    (tmp_path / "demo.html").write_text("<!doctype html><title>驿站</title>", encoding="utf-8")
    app = make_app("website", metrics=Metrics("website"))
    app.add_routes(asset_routes(tmp_path))
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
            assert answer.status == 200
            assert "驿站" in await answer.text()
            headers = answer.headers
        assert headers["Content-Type"].endswith("charset=utf-8")
        assert headers["X-Content-Type-Options"] == "nosniff"
        if path == "/widget.js":
            assert headers["Content-Type"].startswith("text/javascript")
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "max-age=300" in headers["Cache-Control"]
        else:
            assert headers["Cache-Control"] == "no-cache"
            assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        async with http.get(f"http://127.0.0.1:{port}{path}", headers={"If-None-Match": headers["ETag"]}) as answer:
            assert answer.status == 304


@pytest.mark.parametrize("path", ["/widget.js", "/demo"])
async def test_what_is_not_built_says_how_to_build_it(tmp_path: Path, path: str) -> None:
    app = make_app("website", metrics=Metrics("website"))
    app.add_routes(asset_routes(tmp_path))
    async with (
        serve(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        assert answer.status == 503
        problem = await answer.json(content_type=None)
    assert (problem["code"], problem["detail"]) == ("not_built", "Run: make web")
