"""The web page on which a person plays a follower, and the few calls it makes."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.wechat import page_view
from tests.simulators.wechat.account import SimMini, SimOfficial
from tests.simulators.wechat.customer import KfCustomer
from tests.simulators.wechat.follower import MiniFollower, OfficialFollower
from tests.simulators.wechat.kf import SimKf
from tests.simulators.wechat.platform import WechatPlatform
from tests.simulators.wechat.records import PushResult

Json = dict[str, Any]
Account = SimOfficial | SimMini | SimKf
Phone = OfficialFollower | MiniFollower | KfCustomer
FOLDER = Path(__file__).with_name("static")
FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "bubbles.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SILENCE = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50
"""One second of an AMR voice message in which nobody speaks."""
SHOWN_PUSHES = 12
SHOWN_CALLS = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """An account as the page names it."""

    title: str
    account: Account


@dataclass
class Page:
    """``accounts`` by the name that the gateway's webhook has."""

    platform: WechatPlatform
    accounts: Mapping[str, Shown]
    pushes: deque[tuple[str, PushResult]] = field(default_factory=lambda: deque(maxlen=SHOWN_PUSHES))

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._file)
        app.router.add_get("/phone/state", self._state)
        app.router.add_post("/phone/deed", self._deed)
        app.router.add_post("/phone/image", self._image)
        app.router.add_post("/phone/advance", self._advance)
        app.router.add_post("/phone/fault", self._fault)
        app.router.add_post("/phone/verify", self._verify)

    async def _index(self, _request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return web.Response(
            body=(FOLDER / "page.html").read_bytes(), content_type="text/html", charset="utf-8", headers=headers
        )

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FILES:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return web.Response(
            body=(FOLDER / name).read_bytes(), content_type=FILES[name], charset="utf-8", headers=headers
        )

    async def _state(self, request: web.Request) -> web.Response:
        phone = self._phone(request.query)
        try:
            after = max(0, int(request.query.get("after", "0")))
        except ValueError:
            raise web.HTTPBadRequest from None
        return web.json_response(
            {
                "accounts": [
                    {"name": name, "title": shown.title, "kind": shown.account.kind, "webhook": shown.account.webhook}
                    for name, shown in self.accounts.items()
                ],
                "now": self.platform.now(),
                "person": page_view.person(phone, after),
                "pushes": [page_view.push(what, result) for what, result in reversed(self.pushes)],
                "calls": [page_view.call(made) for made in reversed(self.platform.calls[-SHOWN_CALLS:])],
                "violations": self.platform.violations[-SHOWN_CALLS:][::-1],
                "duplicates": self.platform.faults.duplicate_share > 0,
                "faults": [
                    {"api": fault.api, "outcome": fault.outcome, "errcode": fault.errcode, "times": fault.times}
                    for fault in self.platform.faults.waiting
                ],
            }
        )

    async def _deed(self, request: web.Request) -> web.Response:
        asked = await _json(request)
        phone = self._phone(asked)
        name = str(asked.get("deed", ""))
        deed = DEEDS.get(name)
        if deed is None:
            raise web.HTTPBadRequest
        try:
            self.pushes.append((name, await deed(phone, str(asked.get("value", "")))))
        except (LookupError, AttributeError, ValueError) as error:
            return web.json_response({"problem": str(error)}, status=409)
        return web.json_response({})

    async def _image(self, request: web.Request) -> web.Response:
        phone = self._phone(request.query)
        if not request.content_type.startswith("image/"):
            raise web.HTTPUnsupportedMediaType
        self.pushes.append(("image", await phone.image(await request.read(), request.content_type, wait=False)))
        return web.json_response({})

    async def _advance(self, request: web.Request) -> web.Response:
        seconds = (await _json(request)).get("seconds")
        if not isinstance(seconds, int) or not 0 < seconds <= 30 * 86400:
            raise web.HTTPBadRequest
        self.platform.advance(seconds)
        return web.json_response({})

    async def _fault(self, request: web.Request) -> web.Response:
        asked = await _json(request)
        faults = self.platform.faults
        kind = asked.get("fault")
        if kind == "clear":
            faults.clear()
        elif kind == "tokens":
            for shown in self.accounts.values():
                shown.account.tokens.expire()
        elif kind == "cut":
            faults.push(cut_after=0.05)
        elif kind == "duplicates":
            faults.push(duplicate_share=0.0 if faults.duplicate_share else 1.0)
        else:
            self._next_send(asked)
        return web.json_response({})

    def _next_send(self, asked: Json) -> None:
        """The next message of the chosen account, sent by the API, meets that fault."""
        api = "kf_send" if isinstance(self._shown(asked).account, SimKf) else "send"
        try:
            self.platform.faults.next(api=api, outcome=asked.get("fault"), errcode=int(asked.get("errcode", 0)))
        except ValueError:
            raise web.HTTPBadRequest from None

    async def _verify(self, request: web.Request) -> web.Response:
        try:
            result = await self._shown(await _json(request)).account.verify_url()
        except aiohttp.InvalidURL:
            raise web.HTTPBadRequest from None
        return web.json_response({"ok": result.ok, "status": result.status, "body": result.body[:200]})

    def _shown(self, asked: Mapping[str, Any]) -> Shown:
        found = self.accounts.get(str(asked.get("account", "")))
        if found is None:
            raise web.HTTPNotFound
        return found

    def _phone(self, asked: Mapping[str, Any]) -> Phone:
        openid = str(asked.get("who", ""))
        if not openid or len(openid) > 64 or not openid.isascii():
            raise web.HTTPBadRequest
        return self._shown(asked).account.follower(openid)


async def _json(request: web.Request) -> Json:
    """Only JSON, which another site's page cannot send without being asked."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        found = await request.json()
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(found, dict):
        raise web.HTTPBadRequest
    return found


async def _voice(phone: Any, text: str) -> PushResult:
    if isinstance(phone, KfCustomer):
        return await phone.voice(SILENCE, wait=False)
    return await phone.voice(SILENCE, recognition=text, wait=False)


async def _leave(phone: Any, _value: str) -> PushResult:
    return (
        await phone.servicer_ends(wait=False) if isinstance(phone, KfCustomer) else await phone.unsubscribe(wait=False)
    )


DEEDS: dict[str, Callable[[Any, str], Awaitable[PushResult]]] = {
    "text": lambda phone, value: phone.says(value, wait=False),
    "press": lambda phone, value: phone.press(value, wait=False),
    "voice": _voice,
    "location": lambda phone, value: phone.location(23.134, 113.358, value or "广州塔", wait=False),
    "link": lambda phone, value: phone.link(value or "一篇文章", "https://example.com/article", wait=False),
    "card": lambda phone, value: phone.mini_program_page(value or "实木餐桌", wait=False),
    "subscribe": lambda phone, value: phone.subscribe(value, wait=False),
    "unsubscribe": _leave,
    "scan": lambda phone, value: phone.scan(value or "store-1", wait=False),
    "click": lambda phone, value: phone.click(value, wait=False),
    "view": lambda phone, value: phone.view(value, wait=False),
    "tempsession": lambda phone, value: phone.enter_tempsession(value, wait=False),
    "enter": lambda phone, value: phone.enter_session(value, wait=False),
    "recall": lambda phone, _value: phone.recall(wait=False),
}
"""What the page's buttons do. A deed that this kind of account does not know is refused."""
