"""Shopee with one shop on it: seller chat, pushes, consent and orders.

Written from the vendor's documentation (reference E.5, webchat_push), without a line of the adapter's code.
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

PARTNER_ID = 2000001
PARTNER_KEY = "shpk7a6e4f5b2d3c1a0918273645aabbccddeeff"
SHOP_ID = 947042923
SELLER = 947151379
LATE = 300.0
"""Seconds that a call's timestamp may be old."""

PICTURE_BYTES = 2 << 20
PICTURE_TYPES = {"image/jpeg", "image/png", "image/gif"}
MAX_TEXT = 1000


@dataclass
class Buyer:
    """``id`` is the user's, among orders too."""

    id: int
    conversation: str
    name: str
    log: list[dict[str, Any]] = field(default_factory=list)
    """Their conversation, oldest first."""


@dataclass
class ShopeeSite(Site):
    """``registered``: the address as it was entered in the console, which pushes are signed with. ``echoes``: what is sent is
    pushed back, as the platform does.
    """

    partner_key: str = PARTNER_KEY
    registered: str = ""
    buyers: dict[int, Buyer] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    tracking: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)
    """By order: the carrier's number and steps."""
    pictures: dict[str, bytes] = field(default_factory=dict)
    lost: list[dict[str, Any]] = field(default_factory=list)
    """Pushes that did not get through."""
    echoes: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
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
        made = Buyer(165_105_353 + len(self.buyers), self.new_id(), f"buyer{len(self.buyers) + 1}")
        self.buyers[made.id] = made
        return made

    def said(self, buyer: Buyer, kind: str, content: Mapping[str, Any], *, by_shop: bool = False) -> dict[str, Any]:
        """A message, as the log keeps it and pushes carry it."""
        sides = [(buyer.id, buyer.name, 0), (SELLER, "旗舰店", SHOP_ID)]
        writer, reader = reversed(sides) if by_shop else sides
        message = {
            "message_id": self.new_id(),
            "conversation_id": buyer.conversation,
            "request_id": self.new_id("req-"),
            "shop_id": reader[2],
            "from_id": writer[0],
            "from_user_name": writer[1],
            "from_shop_id": writer[2],
            "to_id": reader[0],
            "to_user_name": reader[1],
            "to_shop_id": reader[2],
            "message_type": kind,
            "content": dict(content),
            "created_timestamp": int(self.clock.dated()),
            "region": "ID",
            "is_in_chatbot_session": False,
            "source_content": {},
            "quoted_msg": {"message_id": ""},
            "sub_account_id": 0,
            "sub_account_name": 0,
            "business_type": 0,
            "status": "normal",
        }
        buyer.log.append(message)
        return message

    def whole(self, content: object, kind: str = "message") -> dict[str, Any]:
        """A push of code 10."""
        data = {"type": kind, "region": "ID", "content": content}
        return {"msg_id": "", "data": data, "shop_id": SHOP_ID, "code": 10, "timestamp": int(self.clock.dated())}

    def seal(self, push: object, *, key: str = "", body: bytes | None = None) -> Envelope:
        """Signed; by another ``key`` it is somebody else's."""
        raw = json.dumps(push).encode() if body is None else body
        sign = _hmac(key or self.partner_key, self.registered.encode() + b"|" + raw)
        return Envelope(raw, {"Content-Type": "application/json", "Authorization": sign})

    async def push(self, content: object, *, within: float | None = None, url: str = "") -> Attempt:
        """The platform counts an answer with a body as a failure."""
        envelope = self.seal(self.whole(content))
        attempt = await self.courier.once(url or self.webhook, lambda: envelope, within=within)
        if attempt.taken and attempt.body:
            self.breaches.append("a push was answered with a body")
        return attempt

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        get, post = web.get, web.post
        return [
            post("/api/v2/sellerchat/send_message", self._guarded("send", self._send)),
            get("/api/v2/sellerchat/get_message", self._guarded("messages", self._messages)),
            post("/api/v2/sellerchat/upload_image", self._guarded("image", self._image)),
            get("/api/v2/order/get_order_detail", self._guarded("order", self._order)),
            get("/api/v2/logistics/get_tracking_number", self._guarded("tracking number", self._number)),
            get("/api/v2/logistics/get_tracking_info", self._guarded("tracking", self._steps)),
            post("/api/v2/auth/token/get", self._guarded("token", self._token, public=True)),
            post("/api/v2/auth/access_token/get", self._guarded("renewal", self._renewal, public=True)),
            get("/api/v2/push/get_lost_push_message", self._guarded("lost", self._lost, public=True)),
            post(
                "/api/v2/push/confirm_consumed_lost_push_message", self._guarded("lost taken", self._taken, public=True)
            ),
            get("/image/{name}", self._picture),
        ]

    def refusal(self, code: str) -> web.Response:
        return _no(code)

    def _guarded(self, name: str, handler: Handler, *, public: bool = False) -> Any:
        async def checked(call: ApiCall) -> web.StreamResponse:
            wrong = self._wrong(call, public=public)
            return _no(wrong) if wrong else await handler(call)

        return self.api(name, checked)

    def _wrong(self, call: ApiCall, *, public: bool) -> str:
        """What is wrong with a call before it is looked at what it wants; empty: nothing."""
        query = call.request.query
        at, token, shop = query.get("timestamp", "0"), query.get("access_token", ""), query.get("shop_id", "")
        parts = f"{PARTNER_ID}{call.request.path}{at}" + ("" if public else f"{token}{shop}")
        if query.get("partner_id") != str(PARTNER_ID) or abs(self.clock.dated() - float(at)) > LATE:
            return "error_param"
        if not hmac.compare_digest(_hmac(self.partner_key, parts.encode()), query.get("sign", "")):
            return "error_sign"
        if public:
            return ""
        if shop != str(SHOP_ID):
            return "error_shop"
        return "" if self.tokens.good(token) else "error_auth"

    async def _send(self, call: ApiCall) -> web.Response:
        fields = json.loads(call.body)
        buyer = self.buyers.get(fields.get("to_id"))
        if buyer is None:
            if isinstance(fields.get("to_id"), str):
                self.breaches.append("to_id is no number")
            return _no("error_not_found")
        seen = self._seen(fields.get("message_type"), fields["content"])
        if seen is None:
            return _no("error_param")
        echo = self.said(buyer, fields["message_type"], fields["content"], by_shop=True)
        self.show(str(buyer.id), Seen(seen.kind, seen.text, (), seen.picture, echo["message_id"]))
        if self.echoes:
            task = asyncio.create_task(self.push(echo), name="echo")
            self._echoing.add(task)
            task.add_done_callback(self._echoing.discard)
        # Bare numbers of 64 bits, as the platform writes them.
        answer = {"message_id": int(echo["message_id"]), "conversation_id": int(buyer.conversation), "to_id": buyer.id}
        return _yes(answer)

    def _seen(self, kind: object, content: Mapping[str, Any]) -> Seen | None:
        """What the buyer sees; None: the platform does not take it."""
        match kind:
            case "text":
                return Seen("text", content["text"]) if 0 < len(content["text"]) <= MAX_TEXT else None
            case "image":
                picture = self.pictures.get(content["image_url"])
                return Seen("image", picture=picture) if picture is not None else None
            case "item":
                return Seen("item", f"[{content['item_id']}]") if isinstance(content["item_id"], int) else None
            case "order":
                return Seen("order", f"[{content['order_sn']}]") if content["order_sn"] in self.orders else None
            case _:
                return None

    async def _messages(self, call: ApiCall) -> web.Response:
        query = call.request.query
        log = next((one.log for one in self.buyers.values() if one.conversation == query["conversation_id"]), [])
        size, offset = int(query.get("page_size", "25")), int(query.get("offset", "0"))
        if size > 60:
            return _no("error_param")
        newest = list(reversed(log))
        after = offset + size if offset + size < len(newest) else None
        page_result = {"page_size": size, "next_offset": None if after is None else str(after)}
        return _yes({"messages": newest[offset : offset + size], "page_result": page_result})

    async def _image(self, call: ApiCall) -> web.Response:
        file = form_file(call, "file")
        if file is None or file.mime_type not in PICTURE_TYPES or len(file.data) > PICTURE_BYTES:
            return _no("error_param")
        url = f"{self.root}/image/{self.new_id()}"
        self.pictures[url] = file.data
        return _yes({"url": url, "thumbnail": f"{url}_tn"})

    async def _picture(self, request: web.Request) -> web.Response:
        found = self.pictures.get(f"{self.root}/image/{request.match_info['name']}")
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def _order(self, call: ApiCall) -> web.Response:
        wanted = call.request.query["order_sn_list"].split(",")
        asked = set(call.request.query.get("response_optional_fields", "").split(","))
        always = {"order_sn", "order_status", "create_time", "update_time", "region", "currency"}
        found = [self.orders[one] for one in wanted if one in self.orders]
        return _yes({"order_list": [{key: order[key] for key in order if key in always | asked} for order in found]})

    async def _number(self, call: ApiCall) -> web.Response:
        number, _ = self.tracking.get(call.request.query["order_sn"], ("", []))
        return _yes({"tracking_number": number, "hint": ""})

    async def _steps(self, call: ApiCall) -> web.Response:
        _, steps = self.tracking.get(call.request.query["order_sn"], ("", []))
        return _yes({"order_sn": call.request.query["order_sn"], "tracking_info": steps})

    async def _token(self, call: ApiCall) -> web.Response:
        return self._given(call, lambda fields: self.tokens.exchange(fields["code"]))

    async def _renewal(self, call: ApiCall) -> web.Response:
        return self._given(call, lambda fields: self.tokens.renew(fields["refresh_token"]))

    def _given(self, call: ApiCall, give: Any) -> web.Response:
        fields = json.loads(call.body)
        if fields.get("partner_id") != PARTNER_ID or fields.get("shop_id") != SHOP_ID:
            return _no("error_param")
        try:
            given: Granted = give(fields)
        except GrantRefused as refused:
            return _no("error_auth", refused.code)
        return web.json_response(
            {
                "request_id": "r1",
                "error": "",
                "message": "",
                "access_token": given.access,
                "refresh_token": given.refresh,
                "expire_in": int(given.expires_in),
            }
        )

    async def _lost(self, _call: ApiCall) -> web.Response:
        page = self.lost[:100]
        more = len(self.lost) > len(page)
        return _yes({"push_message_list": page, "last_message_id": len(page), "has_next_page": more})

    async def _taken(self, call: ApiCall) -> web.Response:
        del self.lost[: json.loads(call.body)["last_message_id"]]
        return _yes({})


def _yes(response: object) -> web.Response:
    return web.json_response({"request_id": "r1", "error": "", "message": "", "warning": "", "response": response})


def _no(code: str, message: str = "no") -> web.Response:
    return web.json_response({"request_id": "r1", "error": code, "message": message})


def _hmac(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
