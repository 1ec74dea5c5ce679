"""Lazada on this machine: chat, orders, consent. Written from reference channels.md E.4, with signatures of its own.

The platform publishes no code for "enough until the buyer writes", so ``ENOUGH`` is one of ours.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from tests.simulators.ecommerce.courier import Attempt, Envelope, Seal
from tests.simulators.ecommerce.site import ApiCall, Seen, Site
from tests.simulators.ecommerce.tokens import Granted, GrantRefused

APP_KEY = "123456"
ENOUGH = "-9005"
MOST_UNANSWERED = 5
CLOCK_SECONDS = 7200
TRIES = 13
PAUSE_SECONDS = 0.05
"""The platform pushes once and twelve times more, half an hour apart; here time goes faster."""

GATEWAY = {
    "IllegalAccessToken": "ISV",
    "IncompleteSignature": "ISV",
    "MissingParameter": "ISV",
    "InsufficientPermission": "ISV",
    "InvalidCode": "ISV",
    "ApiCallLimit": "ISV",
    "ServiceUnavailable": "SYSTEM",
    "isp.service-timeout": "ISP",
}
SENT_FIELDS = {"1": ("txt",), "3": ("img_url", "width", "height"), "10006": ("item_id",), "10007": ("order_id",)}


@dataclass
class Session:
    """A buyer's chat with the shop. ``unanswered``: what the shop sent since the buyer wrote."""

    session_id: str
    buyer: str
    unanswered: int = 0


@dataclass
class SimLazada(Site):
    """One shop. ``echoes``: what the shop sends is pushed back to it, as the platform does."""

    app_secret: str = "lazada-app-secret-3412gyo124goi3124"
    seller_id: str = "1234567"
    seller_account: str = "100094063"
    echoes: bool = True
    sessions: dict[str, Session] = field(default_factory=dict)
    orders: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = field(default_factory=dict)
    """By number: the order and its items."""
    echoed: list[Attempt] = field(default_factory=list)
    files_ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Not set: pictures of buyers are a long time coming."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.files_ready.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Self]:
        async with super().opened():
            self.courier.tries, self.courier.pause = TRIES, PAUSE_SECONDS
            yield self
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/rest/im/message/send", self.api("send", self._send)),
            web.get("/rest/order/get", self.api("order", self._order)),
            web.get("/rest/order/items/get", self.api("items", self._items)),
            web.post("/rest/auth/token/create", self.api("create", self._create)),
            web.post("/rest/auth/token/refresh", self.api("refresh", self._refresh)),
            web.get("/rest/im/{list:(session|message)/list}", self.api("list", self._listed)),
        ]

    def refusal(self, code: str) -> web.Response:
        if code in GATEWAY:
            return _json({"code": code, "type": GATEWAY[code], "message": f"refused: {code}", "request_id": "0ba2"})
        return _json({"code": "0", "err_code": code, "err_message": f"refused: {code}", "success": False})

    # --- what the platform is asked ---

    def _proved(self, call: ApiCall, path: str, *, token: bool = True) -> tuple[dict[str, str], str]:
        """The parameters, and the code by which the call is turned away; empty: it is not."""
        given = dict(call.request.query) | dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        wanted = "".join(name + given[name] for name in sorted(given) if name != "sign" and given[name])
        reckoned = hmac.digest(self.app_secret.encode(), (path + wanted).encode(), "sha256").hex().upper()
        if given.get("app_key") != APP_KEY or given.get("sign") != reckoned or given.get("sign_method") != "sha256":
            self.breaches.append(f"{path}: signature")
            return given, "IncompleteSignature"
        if abs(int(given["timestamp"]) / 1000 - self.clock.now()) > CLOCK_SECONDS:
            return given, "IncompleteSignature"
        if token and not self.tokens.good(given.get("access_token", "")):
            return given, "IllegalAccessToken"
        return given, ""

    async def _send(self, call: ApiCall) -> web.StreamResponse:
        given, code = self._proved(call, "/im/message/send")
        if code:
            return self.refusal(code)
        session = self.sessions.get(given.get("session_id", ""))
        wanted = SENT_FIELDS.get(given.get("template_id", ""))
        if session is None or wanted is None or not all(given.get(name) for name in wanted):
            self.breaches.append("send: a parameter is missing or wrong")
            return self.refusal("MissingParameter")
        if session.unanswered >= MOST_UNANSWERED:
            return self.refusal(ENOUGH)
        picture = await self.load(given["img_url"]) if given["template_id"] == "3" else b""
        session.unanswered += 1
        message_id = self.new_id()
        text = given.get("txt") or given.get("item_id") or given.get("order_id") or ""
        self.show(session.buyer, Seen(given["template_id"], text, picture=picture, external_id=message_id))
        if self.echoes and self.webhook:
            self.start_echo(session, message_id, {"txt": text}, given["template_id"])
        data = {"message_id": message_id, "template_id": given["template_id"], "current_time": self._now()}
        return _json({"code": "0", "err_code": "0", "success": True, "data": data, "request_id": "0ba3"})

    async def _order(self, call: ApiCall) -> web.StreamResponse:
        return self._told(call, "/order/get", 0)

    async def _items(self, call: ApiCall) -> web.StreamResponse:
        return self._told(call, "/order/items/get", 1)

    def _told(self, call: ApiCall, path: str, which: int) -> web.Response:
        given, code = self._proved(call, path)
        found = self.orders.get(given.get("order_id", ""))
        if code or found is None:
            return self.refusal(code or "16")
        return _json({"code": "0", "data": found[which], "request_id": "0ba4"})

    async def _listed(self, _call: ApiCall) -> web.StreamResponse:
        self.breaches.append("lists are not to be polled")
        return self.refusal("InsufficientPermission")

    async def _create(self, call: ApiCall) -> web.StreamResponse:
        given, code = self._proved(call, "/auth/token/create", token=False)
        return self._granted(code, lambda: self.tokens.exchange(given.get("code", "")))

    async def _refresh(self, call: ApiCall) -> web.StreamResponse:
        given, code = self._proved(call, "/auth/token/refresh", token=False)
        return self._granted(code, lambda: self.tokens.renew(given.get("refresh_token", "")))

    def _granted(self, code: str, give: Any) -> web.Response:
        if code:
            return self.refusal(code)
        try:
            granted: Granted = give()
        except GrantRefused:
            return self.refusal("InvalidCode")
        user = {"country": "sg", "seller_id": self.seller_id, "user_id": self.seller_account}
        return _json(
            {
                "code": "0",
                "access_token": granted.access,
                "refresh_token": granted.refresh,
                "expires_in": int(granted.expires_in),
                "refresh_expires_in": int(granted.refresh_expires_in),
                "country": "sg",
                "account_platform": "seller_center",
                "country_user_info": [user],
            }
        )

    async def _file(self, request: web.Request) -> web.Response:
        await self.files_ready.wait()
        return await super()._file(request)

    # --- what the platform pushes ---

    def session(self, buyer: str) -> Session:
        """The buyer's chat, begun where there is none."""
        session_id = f"{self.seller_account}_2_{buyer}_1_103"
        return self.sessions.setdefault(session_id, Session(session_id, buyer))

    def written(self, buyer: str, content: Mapping[str, Any], template: int = 1, **changed: Any) -> dict[str, Any]:
        """``data`` of a message that the buyer wrote just now."""
        session = self.session(buyer)
        session.unanswered = 0
        return self._data(session, content, template, by_buyer=True) | changed

    def seal(self, data: Mapping[str, Any], message_type: int = 2, secret: str = "") -> Seal:
        """A push, signed at each try as the platform signs."""

        def sealed() -> Envelope:
            body = orjson.dumps(
                {
                    "seller_id": self.seller_id,
                    "message_type": message_type,
                    "data": dict(data),
                    "timestamp": self._now(),
                    "site": "lazada_sg",
                }
            )
            return Envelope(body, {"Authorization": self.sign(body, secret), "Content-Type": "application/json"})

        return sealed

    def sign(self, body: bytes, secret: str = "") -> str:
        return hmac.new((secret or self.app_secret).encode(), APP_KEY.encode() + body, hashlib.sha256).hexdigest()

    async def says(self, buyer: str, text: str) -> Attempt:
        """The buyer writes, and the platform pushes until it is taken."""
        return await self.courier.carry(self.webhook, self.seal(self.written(buyer, {"txt": text})))

    async def shows(self, buyer: str, picture: bytes) -> Attempt:
        content = {"imgUrl": self.serve_file(picture), "osskey": "k", "width": 1, "height": 1}
        return await self.courier.carry(self.webhook, self.seal(self.written(buyer, content, 3)))

    def echo_of(self, buyer: str, number: int, **changed: Any) -> dict[str, Any]:
        """``data`` of what the shop sent, as the platform pushes it back: the message of this number on the screen."""
        seen = self.screens[buyer][number]
        data = self._data(self.session(buyer), {"txt": seen.text}, int(seen.kind), by_buyer=False)
        return data | {"message_id": seen.external_id} | changed

    def start_echo(self, session: Session, message_id: str, content: Mapping[str, Any], template: str) -> None:
        data = self._data(session, content, int(template), by_buyer=False) | {"message_id": message_id}
        task = asyncio.create_task(self._echo(data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _echo(self, data: Mapping[str, Any]) -> None:
        self.echoed.append(await self.courier.once(self.webhook, self.seal(data)))

    def _data(self, session: Session, content: Mapping[str, Any], template: int, *, by_buyer: bool) -> dict[str, Any]:
        sides = [(session.buyer, 1), (self.seller_account, 2)]
        (sender, sender_type), (receiver, receiver_type) = sides if by_buyer else sides[::-1]
        return {
            "session_id": session.session_id,
            "message_id": self.new_id(),
            "content": orjson.dumps(dict(content)).decode(),
            "from_account_id": sender,
            "from_account_type": sender_type,
            "to_account_id": receiver,
            "to_account_type": receiver_type,
            "send_time": self._now(),
            "template_id": template,
            "type": 1,
            "site_id": "lazada_sg",
            "process_msg": "",
            "auto_reply": False,
            "status": 0,
        }

    def _now(self) -> int:
        return int(self.clock.dated() * 1000)


def _json(body: Mapping[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(dict(body)), content_type="application/json")
