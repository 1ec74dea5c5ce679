"""The protocol by plain requests: sending, reading, waiting for news, receipts, typing."""

import asyncio
from collections.abc import Sequence

import orjson
from aiohttp import web

from yizhan.channels.contract import NotAccepted
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.history import HistoryUnavailable, Page
from yizhan.channels.screens.presence import rung_or_gone
from yizhan.channels.screens.protocol import CloseCode, MessageBody, ReceiptBody
from yizhan.channels.screens.queries import number
from yizhan.channels.screens.sending import Refusal
from yizhan.channels.screens.sessions import Client, TooManyConnections
from yizhan.channels.screens.view import Json, Outgoing, message_json
from yizhan.channels.screens.visitor import Visitor
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.http import Problem, bad_request, rate_key, read_json, too_many, unavailable

DEFAULT_PAGE = 50
MAX_PAGE = 200
MAX_WAIT_SECONDS = 30

_STATUSES = {"rate_limited": 429, "unavailable": 503, "too_long": 413}
"""HTTP statuses of refusals; every other one is 422."""


class MessageHandlers:
    """Handlers below an account's address."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._polls = gateway.figures.connections.labels("poll")

    async def send(self, request: web.Request) -> web.StreamResponse:
        """``POST /messages``: 202 once it is durable; the same client id gets the same answer."""
        visitor = await self._gateway.bearer(request)
        body = await read_json(request, MessageBody, mend=True)
        draft = await self._gateway.draft(visitor, rate_key(request), body.client_id, body.content)
        if isinstance(draft, Refusal):
            raise _problem(draft)
        answer = (await self._gateway.intake.take(visitor, [draft]))[0]
        if isinstance(answer, Refusal):
            raise _problem(answer)
        return _json({"message_id": answer.message_id, "received_at": answer.received_at}, status=202)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """``GET /messages``: after or before a seq; with ``wait`` it is held until there is news."""
        visitor = await self._gateway.bearer(request)
        limit = max(1, number(request, "limit", DEFAULT_PAGE, MAX_PAGE))
        wait = number(request, "wait", 0, MAX_WAIT_SECONDS)
        if "before" in request.query:
            if "after" in request.query:
                raise bad_request("after_and_before", "Either after or before, not both")
            before = max(1, number(request, "before", 1))
            return self._page(await self._read_before(visitor, before, limit))
        after = number(request, "after", 0)
        if wait:
            return self._page(await self._poll(request, visitor, after, limit, wait))
        return self._page(await self._read_after(visitor, after, limit))

    async def receipts(self, request: web.Request) -> web.StreamResponse:
        """``POST /receipts``: the client has, or the visitor has read, everything up to a seq."""
        visitor = await self._gateway.bearer(request)
        body = await read_json(request, ReceiptBody)
        if body.seq:
            state = ReceiptState.READ if body.state == "read" else ReceiptState.DELIVERED
            try:
                await self._gateway.accept([self._gateway.reached(visitor, state, body.seq)])
            except NotAccepted as error:
                raise unavailable(error.after) from error
        return web.Response(status=204)

    async def typing(self, request: web.Request) -> web.StreamResponse:
        """``POST /typing``."""
        self._gateway.typing(await self._gateway.bearer(request))
        return web.Response(status=204)

    async def _read_after(self, visitor: Visitor, after: int, limit: int) -> Page:
        try:
            return await self._gateway.history.after(visitor.address, after, limit)
        except HistoryUnavailable as error:
            raise unavailable(2.0) from error

    async def _read_before(self, visitor: Visitor, before: int, limit: int) -> Page:
        try:
            return await self._gateway.history.before(visitor.address, before, limit)
        except HistoryUnavailable as error:
            raise unavailable(2.0) from error

    async def _poll(self, request: web.Request, visitor: Visitor, after: int, limit: int, wait: int) -> Page:
        """Look, and if there is nothing, wait for news and look again. Listening begins before the first look."""
        gateway = self._gateway
        bell = Bell()
        client = Client(visitor.address, bell, after, gateway.tasks, float("inf"))
        client.opened = True
        client.behind = lambda _: bell.rung.set()
        try:
            gateway.sessions.add(client)
        except TooManyConnections as error:
            raise too_many(30) from error
        self._polls.inc()
        try:
            page = await self._read_after(visitor, after, limit)
            if page.messages or page.head < after or gateway.draining.is_set():
                return page
            if not await rung_or_gone(bell.rung, request, wait):
                return page
            return await self._read_after(visitor, after, limit)
        finally:
            self._polls.dec()
            gateway.sessions.remove(client)

    def _page(self, page: Page) -> web.Response:
        return _json(
            {
                "messages": [message_json(message, self._gateway.media_url) for message in page.messages],
                "head": page.head,
                "more": page.more,
                "state": page.service.state,
                "agent": {"name": page.service.agent} if page.service.agent else None,
                **self._gateway.dialect.besides(page),
            }
        )


class Bell:
    """The outlet of a waiting request: it needs to know that there is news, not what it is."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def write(self, frames: Sequence[Outgoing]) -> None:
        if any(outgoing.type in {"message", "state"} for outgoing in frames):
            self.rung.set()

    async def close(self, code: CloseCode, reason: str) -> None:  # noqa: ARG002 - as every outlet
        self.rung.set()

    def cut(self) -> None:
        self.rung.set()


def _problem(refusal: Refusal) -> Problem:
    status = _STATUSES.get(refusal.code, 422)
    return Problem(status, refusal.code, refusal.title, retry_after=refusal.retry_after)


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
