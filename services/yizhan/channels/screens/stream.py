"""Server-sent events: the socket's frames for clients that cannot hold a socket. They send by requests."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.presence import departed, rung_or_gone
from yizhan.channels.screens.protocol import CloseCode
from yizhan.channels.screens.queries import number
from yizhan.channels.screens.sessions import Client, TooManyConnections
from yizhan.channels.screens.socket import FIRST_PAGE_SECONDS
from yizhan.channels.screens.view import Outgoing
from yizhan.core.runtime.http import too_many, unavailable

COMMENT_SECONDS = 15.0
"""A comment at least so often, so that proxies and clients see that the stream lives."""

RETRY_MS = 2000
_COMMENT = Outgoing("comment", b"")


class StreamOutlet:
    """Frames as events: the id is the seq of a message, the data the frame as on the socket."""

    def __init__(self, response: web.StreamResponse, request: web.Request) -> None:
        self._response = response
        self._request = request
        self.closed = asyncio.Event()

    async def write(self, frames: Sequence[Outgoing]) -> None:
        await self._response.write(b"".join(map(_event, frames)))

    async def close(self, code: CloseCode, reason: str) -> None:  # noqa: ARG002 - as every outlet
        """End the stream; a peer that does not read is cut off, as it would not notice otherwise."""
        if code is CloseCode.SLOW:
            self.cut()
        self.closed.set()

    def cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
        self.closed.set()


class StreamHandler:
    """``GET …/events``."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._open = gateway.figures.connections.labels("stream")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        gateway = self._gateway
        if gateway.draining.is_set():
            raise unavailable()
        holder = await gateway.door.listener(request)
        # A browser's EventSource comes back with the address that it began with, and says apart from it how far it got.
        after = max(number(request, "after", 0), _last_event(request))
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        outlet = StreamOutlet(response, request)
        client = Client(holder.visitor.address, outlet, after, gateway.tasks, float("inf"), holder.until)
        try:
            gateway.sessions.add(client)
        except TooManyConnections as error:
            raise too_many(30) from error
        self._open.inc()
        try:
            await response.prepare(request)
            await response.write(f"retry: {RETRY_MS}\n\n".encode())
            await self._follow(request, client, outlet, after)
        finally:
            self._open.dec()
            gateway.sessions.remove(client)
        return response

    async def _follow(self, request: web.Request, client: Client, outlet: StreamOutlet, after: int) -> None:
        catch_up = self._gateway.catch_up
        client.behind = catch_up.soon
        page = await catch_up.first(client, FIRST_PAGE_SECONDS)
        client.open([self._gateway.dialect.ready(page, after)], page.service if page else None)
        catch_up.begin(client, page)
        while not (client.gone or departed(request)):
            if await rung_or_gone(outlet.closed, request, COMMENT_SECONDS):
                return
            client.tell(_COMMENT)


def _event(outgoing: Outgoing) -> bytes:
    if outgoing is _COMMENT:
        return b": \n\n"
    head = f"id: {outgoing.seq}\n" if outgoing.seq else ""
    return f"{head}event: {outgoing.type}\ndata: ".encode() + outgoing.data + b"\n\n"


def _last_event(request: web.Request) -> int:
    """Where a browser says it was when it reconnects by itself."""
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else 0
