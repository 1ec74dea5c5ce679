"""The HTTP side of the API: which path is which call, who calls, faults, and the books.

Every answer has HTTP status 200, errors included, as on the real platform.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.faults import Fault
from tests.simulators.wechat.records import Call
from tests.simulators.wechat.stage import Stage
from tests.simulators.wechat.tokens import TokenDesk

Json = dict[str, Any]
HANG_SECONDS = 600.0
BODY_LIMIT = 32 << 20


class TokenHolder(Protocol):
    """Who an access token belongs to."""

    tokens: TokenDesk


@dataclass(frozen=True, slots=True)
class Binary:
    """An answer that is a file."""

    data: bytes
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Upload:
    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One call as its handler sees it. ``body`` is the parsed JSON, ``query`` never holds the token."""

    body: Json
    query: Mapping[str, str]
    raw: bytes = b""
    upload: Upload | None = None
    fail_type: int | None = None
    """Set when the message is to be answered 0 and then to fail for this reason (微信客服)."""

    @property
    def openid(self) -> str:
        for name in ("touser", "openid", "external_userid"):
            found = self.body.get(name) or self.query.get(name)
            if isinstance(found, str):
                return found
        return ""


Handler = Callable[[Any, Ask], "Json | Binary"]
"""Takes the account (for token calls: all accounts) and the call. Raises ApiRefusal."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``takes``: json, query or file. Without ``needs_token`` the handler gets all accounts instead of the caller's."""

    api: str
    path: str
    takes: str
    handle: Handler
    needs_token: bool = True


@dataclass
class Desk:
    """The calls of one API root over its accounts."""

    stage: Stage
    prefix: str
    accounts: Sequence[TokenHolder]
    endpoints: Sequence[Endpoint]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route(
                "GET" if endpoint.takes == "query" else "POST", self.prefix + endpoint.path, self._route(endpoint)
            )
            for endpoint in self.endpoints
        ]

    def _route(self, endpoint: Endpoint) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(endpoint, request)

        return answer

    async def _answer(self, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
        query = {name: value for name, value in request.query.items() if name != "access_token"}
        try:
            ask = await _read(endpoint, request, query)
        except ApiRefusal as refusal:
            return self._refuse(endpoint, Ask({}, query), refusal)
        fault = self.stage.faults.take(endpoint.api, ask.openid)
        if fault is not None and not fault.commits:
            return await self._spoil(endpoint, ask, fault, request)
        if fault is not None and fault.outcome == "slow":
            await self._pause(fault.delay)
            fault = None
        try:
            account = self._account(endpoint, request)
            if fault is not None and fault.outcome == "msg_send_fail":
                ask = replace(ask, fail_type=fault.fail_type)
            done = endpoint.handle(account, ask)
        except ApiRefusal as refusal:
            if fault is not None:
                self.stage.faults.put_back(fault)
            return self._refuse(endpoint, ask, refusal)
        if fault is not None and fault.outcome != "msg_send_fail":
            return await self._spoil(endpoint, ask, fault, request)
        self._note(endpoint, ask, 0)
        return _response(done)

    def _account(self, endpoint: Endpoint, request: web.Request) -> Any:
        if not endpoint.needs_token:
            return self.accounts
        token = request.query.get("access_token", "")
        if not token:
            raise ApiRefusal(codes.TOKEN_MISSING, "access_token missing")
        for account in self.accounts:
            if account.tokens.knows(token):
                account.tokens.check(token)
                return account
        raise ApiRefusal(codes.BAD_TOKEN, "invalid access_token")

    async def _spoil(self, endpoint: Endpoint, ask: Ask, fault: Fault, request: web.Request) -> web.StreamResponse:
        """The bad answer of ``fault``, after its delay."""
        ends = fault.outcome.removeprefix("commit_then_")
        self._note(endpoint, ask, fault.errcode if ends == "error" else None)
        await self._pause(HANG_SECONDS if ends == "hang" else fault.delay)
        if ends == "error":
            return _response({"errcode": fault.errcode, "errmsg": fault.errmsg or _hint("fault on request")})
        if ends == "http_502":
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        if ends == "garbage":
            return web.Response(text="<html>系统繁忙", content_type="text/html")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _pause(self, seconds: float) -> None:
        """At most so long; the platform's closing ends it."""
        if not seconds:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.stage.closing.wait()
        except TimeoutError:
            return

    def _refuse(self, endpoint: Endpoint, ask: Ask, refusal: ApiRefusal) -> web.Response:
        self._note(endpoint, ask, refusal.code)
        if refusal.code in codes.CALLERS_FAULT:
            self.stage.violations.append(f"call of {endpoint.path}: {refusal}")
        return _response({"errcode": refusal.code, "errmsg": _hint(refusal.text)})

    def _note(self, endpoint: Endpoint, ask: Ask, errcode: int | None) -> None:
        body = ask.body or dict(ask.query)
        self.stage.calls.append(Call(endpoint.api, endpoint.path, body, ask.openid, self.stage.now(), errcode))


async def _read(endpoint: Endpoint, request: web.Request, query: dict[str, str]) -> Ask:
    if endpoint.takes == "query":
        return Ask({}, query)
    if endpoint.takes == "file":
        return Ask({}, query, upload=await _upload(request))
    raw = await request.read()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiRefusal(codes.MALFORMED, "data format error")
    return Ask(body, query, raw)


async def _upload(request: web.Request) -> Upload:
    """The form field ``media``. Raises ApiRefusal when there is none."""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "media":
                return Upload(bytes(await part.read()), part.filename or "")
    raise ApiRefusal(codes.MEDIA_MISSING, "media data missing")


def _hint(text: str) -> str:
    return f"{text} rid: {int(time.time()):x}-{time.perf_counter_ns() & 0xFFFFFFFF:08x}"


def _response(done: "Json | Binary") -> web.Response:
    if isinstance(done, Binary):
        disposition = f'attachment; filename="{quote(done.name)}"'
        return web.Response(body=done.data, content_type=done.mime, headers={"Content-disposition": disposition})
    text = json.dumps(done, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")
