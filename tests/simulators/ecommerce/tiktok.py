"""TikTok Shop with one shop on it: the customer service API, webhooks, consent and orders.

Written from the vendor's documentation (reference E.3), without a line of the adapter's code.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.simulators.ecommerce.courier import Attempt, Envelope
from tests.simulators.ecommerce.form import form_file
from tests.simulators.ecommerce.site import ApiCall, Handler, Seen, Site
from tests.simulators.ecommerce.tokens import Granted, GrantRefused

APP_KEY = "6abcdefghijkl"
APP_SECRET = "5d41402abc4b2a76b9719d911017c592aabbccdd"
SHOP_ID = "7494049642642441621"
CIPHER = "ROW_7ZtAAAAAtiktokcipher0123456789"
MAX_TEXT = 2000
EARLY, LATE = 30.0, 300.0
"""Seconds that a call's timestamp may be ahead of the platform's clock, and behind it."""

PICTURE_BYTES = 10 << 20
PICTURE_TYPES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
CONVERSATIONS = "/customer_service/202309/conversations/{id}"
OK, TOKEN_OVER, NO_SCOPE, BAD_SIGN, NO_CIPHER = 0, 105002, 105005, 106001, 106013
BAD_PARAMETER, NOT_FOUND, CLOSED, UNSUPPORTED = 45101001, 45101003, 45109001, 45111001


@dataclass
class Buyer:
    """A buyer and their conversation with the shop, by all the ids that the platform has for them."""

    conversation: str
    user_id: str
    im_user_id: str
    nickname: str
    open: bool = True
    log: list[dict[str, Any]] = field(default_factory=list)
    """The conversation as its list call has it, oldest first."""


@dataclass
class TikTokSite(Site):
    """``echoes``: what is sent is pushed back, as the platform does."""

    app_secret: str = APP_SECRET
    shops: list[dict[str, str]] = field(default_factory=lambda: [{"id": SHOP_ID, "name": "旗舰店", "cipher": CIPHER}])
    buyers: dict[str, Buyer] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    tracking: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    returns: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    echoes: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens.access_seconds = 7 * 86_400.0
        self.tokens.refresh_seconds = 365 * 86_400.0
        self._echoing: set[asyncio.Task[Attempt]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Self]:
        async with super().opened():
            try:
                yield self
            finally:
                for echo in self._echoing:
                    echo.cancel()
                await asyncio.gather(*self._echoing, return_exceptions=True)

    # --- buyers ---

    def buyer(self) -> Buyer:
        """Another one."""
        number = len(self.buyers) + 1
        made = Buyer(self.new_id(), self.new_id(), self.new_id(), f"买家{number}")
        self.buyers[made.conversation] = made
        return made

    def said(self, buyer: Buyer, kind: str, content: Mapping[str, Any], *, role: str = "BUYER") -> dict[str, Any]:
        """The data of a NEW_MESSAGE; the buyer who writes opens the conversation."""
        buyer.open = buyer.open or role == "BUYER"
        sender = buyer.im_user_id if role == "BUYER" else "7000000000000000001"
        written = {
            "type": kind,
            "content": json.dumps(content, ensure_ascii=False),
            "create_time": int(self.clock.dated()),
            "sender": {"im_user_id": sender, "role": role},
        }
        message_id = self.new_id()
        buyer.log.append({"id": message_id, **written})
        told = {"message_id": message_id, "index": self.new_id(), "conversation_id": buyer.conversation}
        return {**told, "is_visible": True, **written}

    def seal(self, data: object, kind: int = 14, *, secret: str = "", body: bytes | None = None) -> Envelope:
        """A push, signed; by another ``secret`` it is somebody else's."""
        push = {
            "type": kind,
            "tts_notification_id": self.new_id(),
            "shop_id": SHOP_ID,
            "timestamp": int(self.clock.dated()),
            "data": data,
        }
        raw = json.dumps(push).encode() if body is None else body
        sign = _hmac(secret or self.app_secret, APP_KEY.encode() + raw)
        return Envelope(raw, {"Content-Type": "application/json", "Authorization": sign})

    async def push(self, data: object, *, within: float | None = None, url: str = "") -> Attempt:
        return await self.courier.once(url or self.webhook, lambda: self.seal(data), within=within)

    def grant(self) -> Granted:
        """The seller consents."""
        return self.tokens.exchange(self.tokens.consent())

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        get, post = web.get, web.post
        return [
            get("/authorization/202309/shops", self._guarded("shops", self._shops, cipher=False)),
            get("/customer_service/202601/conversations/{id}", self._guarded("conversation", self._conversation)),
            post(f"{CONVERSATIONS}/messages", self._guarded("send", self._send)),
            get(f"{CONVERSATIONS}/messages", self._guarded("messages", self._messages)),
            post("/customer_service/202309/images/upload", self._guarded("image", self._image)),
            get("/order/202507/orders", self._guarded("order", self._order)),
            post("/order/202309/orders/search", self._guarded("orders", self._search)),
            get("/fulfillment/202309/orders/{id}/tracking", self._guarded("tracking", self._tracking)),
            post("/return_refund/202309/returns/search", self._guarded("returns", self._returns)),
            get("/api/v2/token/get", self.api("token", self._token)),
            get("/api/v2/token/refresh", self.api("renewal", self._renewal)),
            get("/image/{name}", self._picture),
        ]

    def refusal(self, code: str) -> web.Response:
        return _answer(int(code), "no")

    def _guarded(self, name: str, handler: Handler, *, cipher: bool = True) -> Any:
        async def checked(call: ApiCall) -> web.StreamResponse:
            code = self._wrong(call, cipher=cipher)
            return await handler(call) if code == OK else _answer(code, "the call is not right")

        return self.api(name, checked)

    def _wrong(self, call: ApiCall, *, cipher: bool) -> int:
        """What is wrong with a call before it is looked at what it wants; 0: nothing."""
        query = dict(call.request.query)
        sent = float(query.get("timestamp", "0"))
        now = self.clock.dated()
        multipart = call.request.content_type.startswith("multipart/")
        names = sorted(name for name in query if name not in {"sign", "access_token"})
        text = call.request.path + "".join(name + query[name] for name in names)
        message = self.app_secret.encode() + text.encode() + (b"" if multipart else call.body)
        if query.get("app_key") != APP_KEY or not now - LATE <= sent <= now + EARLY:
            return BAD_SIGN
        if not hmac.compare_digest(_hmac(self.app_secret, message + self.app_secret.encode()), query.get("sign", "")):
            self.breaches.append(f"{call.api}: a wrong signature")
            return BAD_SIGN
        if call.body and not multipart and call.request.content_type != "application/json":
            self.breaches.append(f"{call.api}: {call.request.content_type}")
        if not self.tokens.good(call.request.headers.get("x-tts-access-token", "")):
            return TOKEN_OVER
        return NO_CIPHER if cipher and query.get("shop_cipher") not in {shop["cipher"] for shop in self.shops} else OK

    async def _shops(self, _call: ApiCall) -> web.Response:
        return _answer(OK, data={"shops": self.shops})

    async def _conversation(self, call: ApiCall) -> web.Response:
        buyer = self.buyers.get(call.request.match_info["id"])
        if buyer is None:
            return _answer(NOT_FOUND, "no such conversation")
        participants = [
            {"role": "SHOP", "im_user_id": "7000000000000000001", "user_id": "1", "nickname": "旗舰店"},
            {"role": "BUYER", "im_user_id": buyer.im_user_id, "user_id": buyer.user_id, "nickname": buyer.nickname},
        ]
        own = {"id": buyer.conversation, "can_send_message": buyer.open, "participants": participants}
        return _answer(OK, data={"conversation": own})

    async def _send(self, call: ApiCall) -> web.Response:
        buyer = self.buyers.get(call.request.match_info["id"])
        fields = json.loads(call.body)
        if buyer is None:
            return _answer(NOT_FOUND, "no such conversation")
        if not buyer.open:
            return _answer(CLOSED, "the conversation's rules")
        if not isinstance(fields.get("content"), str):
            self.breaches.append("content is no string")
            return _answer(BAD_PARAMETER, "content")
        content = json.loads(fields["content"])
        seen = self._seen(fields.get("type"), content)
        if isinstance(seen, int):
            return _answer(seen, "content")
        echo = self.said(buyer, fields["type"], content, role="CUSTOMER_SERVICE")
        self.show(buyer.conversation, Seen(seen.kind, seen.text, (), seen.picture, echo["message_id"]))
        if self.echoes:
            task = asyncio.create_task(self.push(echo), name="echo")
            self._echoing.add(task)
            task.add_done_callback(self._echoing.discard)
        return _answer(OK, data={"message_id": echo["message_id"]})

    def _seen(self, kind: object, content: Mapping[str, Any]) -> Seen | int:
        """What the buyer sees; a number: what the platform says to it."""
        match kind:
            case "TEXT":
                text = content["content"]
                return Seen("TEXT", text) if 0 < len(text) <= MAX_TEXT else BAD_PARAMETER
            case "IMAGE":
                picture = self.pictures.get(content["url"])
                return BAD_PARAMETER if picture is None else Seen("IMAGE", picture=picture)
            case "PRODUCT_CARD":
                return Seen("PRODUCT_CARD", f"[{content['product_id']}]")
            case "ORDER_CARD" | "LOGISTICS_CARD":
                return Seen(str(kind), f"[{content['order_id']}]") if content["order_id"] in self.orders else NOT_FOUND
            case _:
                return UNSUPPORTED

    async def _messages(self, call: ApiCall) -> web.Response:
        buyer, query = self.buyers.get(call.request.match_info["id"]), call.request.query
        if buyer is None:
            return _answer(NOT_FOUND, "no such conversation")
        log = buyer.log if query.get("sort_order") == "ASC" else list(reversed(buyer.log))
        return _answer(OK, data={"messages": log[: int(query.get("page_size", "10"))], "next_page_token": ""})

    async def _image(self, call: ApiCall) -> web.Response:
        file = form_file(call, "data")
        if file is None or file.mime_type not in PICTURE_TYPES or len(file.data) > PICTURE_BYTES:
            return _answer(BAD_PARAMETER, "the file")
        url = f"{self.root}/image/{self.new_id()}"
        self.pictures[url] = file.data
        return _answer(OK, data={"url": url, "width": 8, "height": 8})

    async def _picture(self, request: web.Request) -> web.Response:
        found = self.pictures.get(f"{self.root}/image/{request.match_info['name']}")
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def _order(self, call: ApiCall) -> web.Response:
        ids = call.request.query.get("ids", "").split(",")
        return _answer(OK, data={"orders": [self.orders[one] for one in ids if one in self.orders]})

    async def _search(self, call: ApiCall) -> web.Response:
        wanted = json.loads(call.body).get("buyer_user_id")
        found = [order for order in self.orders.values() if wanted in {None, order["user_id"]}]
        found.sort(key=lambda order: -int(order["create_time"]))
        size = int(call.request.query.get("page_size", "10"))
        return _answer(OK, data={"orders": found[:size], "total_count": len(found), "next_page_token": ""})

    async def _tracking(self, call: ApiCall) -> web.Response:
        return _answer(OK, data={"tracking": self.tracking.get(call.request.match_info["id"], [])})

    async def _returns(self, call: ApiCall) -> web.Response:
        ids = json.loads(call.body).get("order_ids", [])
        return _answer(OK, data={"return_orders": [one for one in self.returns if one["order_id"] in ids]})

    async def _token(self, call: ApiCall) -> web.Response:
        return self._given(call, "authorized_code", lambda query: self.tokens.exchange(query["auth_code"]))

    async def _renewal(self, call: ApiCall) -> web.Response:
        return self._given(call, "refresh_token", lambda query: self.tokens.renew(query["refresh_token"]))

    def _given(self, call: ApiCall, kind: str, give: Any) -> web.Response:
        query = call.request.query
        if query.get("app_key") != APP_KEY or query.get("app_secret") != self.app_secret:
            return _answer(36004004, "app_key or app_secret")
        if query.get("grant_type") != kind:
            self.breaches.append(f"grant_type {query.get('grant_type')}")
        try:
            given: Granted = give(query)
        except GrantRefused as refused:
            return _answer(36004002, refused.code)
        now = self.clock.dated()
        data = {
            "access_token": given.access,
            "access_token_expire_in": int(now + given.expires_in),
            "refresh_token": given.refresh,
            "refresh_token_expire_in": int(now + given.refresh_expires_in),
        }
        return _answer(OK, data=data)


def _answer(code: int, message: str = "Success", data: object = None) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": "202611240300", "data": data})


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
