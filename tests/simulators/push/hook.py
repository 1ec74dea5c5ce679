"""The business's own server, which passes notifications on: it takes none that is not signed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from yizhan.core.runtime.clock import Clock, now
from yizhan.core.runtime.http import serve
from yizhan.core.security.webhook_signing import SignatureRefused, new_webhook_secret, verify


@dataclass
class HookServer:
    """``statuses`` are used up one per request."""

    clock: Clock = now
    url: str = ""
    secret: str = field(default_factory=new_webhook_secret)
    shown: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    cut: bool = False

    def settings(self) -> dict[str, str]:
        """As an account has them."""
        return {"url": self.url, "secret": self.secret}

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            self.ids.append(verify([self.secret], request.headers, body, self.clock()))
        except SignatureRefused as error:
            return web.json_response({"code": error.code}, status=401)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.shown.append(orjson.loads(body))
        if self.cut and request.transport is not None:
            self.cut = False
            request.transport.abort()
        return web.Response(status=status)


@asynccontextmanager
async def open_hook(clock: Clock = now) -> AsyncIterator[HookServer]:
    server = HookServer(clock)
    app = web.Application()
    app.router.add_post("/push", server.take)
    async with serve(app, "127.0.0.1", 0, drain=0.1) as port:
        server.url = f"http://127.0.0.1:{port}/push"
        yield server
