"""A platform on this machine: its API with faults, its files, its clock, and what buyers saw."""

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import web

from tests.services.process import free_port
from tests.simulators.ecommerce.courier import Courier
from tests.simulators.ecommerce.faults import Faults
from tests.simulators.ecommerce.tokens import TokenDesk
from tests.simulators.wechat.clock import PlatformClock

HANG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of ours, read."""

    api: str
    request: web.Request
    body: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """One message on a buyer's screen: its words, the labels and ids of its options, the bytes of its picture."""

    kind: str
    text: str = ""
    options: tuple[tuple[str, str], ...] = ()
    picture: bytes = b""
    external_id: str = ""


Handler = Callable[[ApiCall], Awaitable[web.StreamResponse]]


@dataclass
class Site(ABC):
    """Use ``async with platform.opened():``. What a subclass adds: routes, the form of a refusal, signatures."""

    webhook: str = ""
    """Where pushes go."""
    root: str = ""
    """Where this site is."""
    faults: Faults = field(default_factory=Faults)
    clock: PlatformClock = field(default_factory=lambda: PlatformClock(time.time))
    screens: dict[str, list[Seen]] = field(default_factory=dict)
    """By buyer."""
    calls: list[ApiCall] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    """What we did that the platform does not allow, in words."""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Files of buyers by their path: type and bytes."""

    def __post_init__(self) -> None:
        self.tokens = TokenDesk(self.clock.now)
        self._serial = itertools.count(1)
        self._closing = asyncio.Event()

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """The API, each handler wrapped by ``api``."""

    @abstractmethod
    def refusal(self, code: str) -> web.Response:
        """The platform's own no."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Self]:
        """The site answers, on this machine only."""
        app = web.Application(client_max_size=64 << 20)
        app.add_routes([*self.routes(), web.get("/files/{path:.+}", self._file)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        port = free_port()
        self._http = aiohttp.ClientSession()
        self.courier = Courier(self._http)
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.root = f"http://127.0.0.1:{port}"
            yield self
        finally:
            self._closing.set()
            await self._http.close()
            await runner.cleanup()

    def api(self, name: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler with what goes wrong around it. Where it has an effect it returns what we are to hear of it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = ApiCall(name, request, await request.read())
            self.calls.append(call)
            fault = self.faults.take(name)
            if fault is None:
                return await handler(call)
            if fault.commits:
                await handler(call)
            match fault.outcome.removeprefix("commit_then_"):
                case "refuse":
                    return self.refusal(fault.code)
                case "http":
                    return web.Response(status=fault.status, headers=fault.headers)
                case "garbage":
                    return web.Response(text="<html>not what you asked for")
                case "reset":
                    assert request.transport is not None
                    request.transport.abort()
                case _:
                    await self._hang()
            return web.Response(status=504)

        return handle

    def show(self, buyer: str, seen: Seen) -> None:
        self.screens.setdefault(buyer, []).append(seen)

    def screen(self, buyer: str) -> list[Seen]:
        return list(self.screens.get(buyer, []))

    def new_id(self, prefix: str = "") -> str:
        """Another id, as vendors have them: long digits."""
        return f"{prefix}{7_300_000_000_000_000_000 + next(self._serial)}"

    def serve_file(self, data: bytes, mime: str = "image/png", name: str = "picture.png") -> str:
        """Put a buyer's file on the site; its address."""
        path = f"{next(self._serial)}/{name}"
        self.files[path] = (mime, data)
        return f"{self.root}/files/{path}"

    async def load(self, url: str) -> bytes:
        """What a link of ours leads to, as the buyer's app would get it. Raises AssertionError."""
        async with self._http.get(url) as answer:
            assert answer.status == 200, answer.status
            return await answer.read()

    async def _file(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["path"])
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found[1], content_type=found[0])

    async def _hang(self) -> None:
        try:
            async with asyncio.timeout(HANG_SECONDS):
                await self._closing.wait()
        except TimeoutError:
            pass
