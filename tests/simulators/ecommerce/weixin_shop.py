"""微信小店 with one shop on it, in its 自研客服 mode: encrypted pushes, messages within 48 hours, orders.

Written from the vendor's documentation (reference E.1, A.2, A.11), without a line of the adapter's code.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.ecommerce.courier import Attempt, Envelope
from tests.simulators.ecommerce.form import form_file
from tests.simulators.ecommerce.site import ApiCall, Handler, Seen, Site
from tests.simulators.wechat.crypto import PushCipher, sign

APP_ID = "wx0123456789abcdef"
APP_SECRET = "5f2ac1d98b7e4630a1b2c3d4e5f60719"
TOKEN = "storePushToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WINDOW_SECONDS = 48 * 3600.0
QUOTA = 5
FILE_BYTES = 30 << 20
MAX_BYTES = 2048
"""Of a text; memory, as in the adapter."""


@dataclass
class Buyer:
    openid: str
    wrote_at: float = 0.0
    sent: int = 0


@dataclass
class WeixinShopSite(Site):
    app_secret: str = APP_SECRET
    aes_key: str = AES_KEY
    buyers: dict[str, Buyer] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    """By ``request_id``: the message that it was taken as."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens.access_seconds = 7200.0
        self._stable = ""

    # --- buyers ---

    def buyer(self) -> Buyer:
        """Another one."""
        made = Buyer(f"oStoreBuyer-{len(self.buyers) + 1}")
        self.buyers[made.openid] = made
        return made

    def said(self, buyer: Buyer, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """A push in clear; what the buyer writes opens the window anew."""
        buyer.wrote_at, buyer.sent = self.clock.now(), 0
        return {
            "ToUserName": "gh_97417a04a28d",
            "FromUserName": buyer.openid,
            "CreateTime": int(self.clock.dated()),
            "MsgType": "event",
            "Event": "commkf_send_msg_to_kf",
            "msg_id": self.new_id(),
            "msg_type": kind,
            "msg_event": "EVENT_TYPE_SEND_MSG",
            kind: dict(content),
        }

    def seal(self, push: object, *, token: str = TOKEN, clear: str | None = None) -> Envelope:
        """Encrypted and signed; with another ``token`` it is somebody else's."""
        text = json.dumps(push, ensure_ascii=False) if clear is None else clear
        sealed = PushCipher(self.aes_key, APP_ID).encrypt(text, secrets.token_bytes(16))
        return self.wrap(json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": sealed}).encode(), sealed, token=token)

    def wrap(self, body: bytes, sealed: str, *, token: str = TOKEN) -> Envelope:
        """Any body, signed for what it is said to hold."""
        at, nonce = str(int(self.clock.dated())), self.new_id()
        query = {
            "signature": sign(token, at, nonce),
            "timestamp": at,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": sign(token, at, nonce, sealed),
        }
        return Envelope(body, {"Content-Type": "application/json"}, query)

    async def push(self, push: object, *, within: float | None = None, url: str = "") -> Attempt:
        return await self.courier.once(url or self.webhook, lambda: self.seal(push), within=within)

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/stable_token", self.api("token", self._token)),
            web.post("/channels/ec/commkf/sendmsg", self._guarded("send", self._send)),
            web.post("/channels/ec/commkf/cosupload", self._guarded("upload", self._upload)),
            web.post("/channels/ec/order/get", self._guarded("order", self._order)),
        ]

    def refusal(self, code: str) -> web.Response:
        return _no(int(code))

    def _guarded(self, name: str, handler: Handler) -> Any:
        async def checked(call: ApiCall) -> web.StreamResponse:
            if not self.tokens.good(call.request.query.get("access_token", "")):
                return _no(42001, "access_token expired")
            return await handler(call)

        return self.api(name, checked)

    async def _token(self, call: ApiCall) -> web.Response:
        fields = json.loads(call.body)
        if fields.get("appid") != APP_ID:
            return _no(40013, "invalid appid")
        if fields.get("secret") != self.app_secret:
            return _no(40125, "invalid appsecret")
        if fields.get("force_refresh") or not self.tokens.good(self._stable):
            self._stable = self.tokens.keyed().access
        return _yes({"access_token": self._stable, "expires_in": 7200})

    async def _send(self, call: ApiCall) -> web.Response:
        fields = json.loads(call.body)
        known = self.answered.get(fields.get("request_id", ""))
        if known is not None:
            return _yes({"msg_id": known})
        buyer = self.buyers.get(fields.get("open_id", ""))
        if buyer is None:
            return _no(40003, "invalid openid")
        if self.clock.now() - buyer.wrote_at > WINDOW_SECONDS:
            return _no(45015, "response out of time limit")
        if buyer.sent >= QUOTA:
            self.breaches.append("more messages than a buyer's message allows")
            return _no(45047, "out of response count limit")
        seen = self._seen(fields["msg_type"], fields.get(fields["msg_type"], {}))
        if seen is None:
            return _no(47001, "data format error")
        buyer.sent += 1
        message_id = self.new_id()
        if fields.get("request_id"):
            self.answered[fields["request_id"]] = message_id
        self.show(buyer.openid, Seen(seen.kind, seen.text, (), seen.picture, message_id))
        return _yes({"msg_id": message_id})

    def _seen(self, kind: str, content: Mapping[str, Any]) -> Seen | None:
        """What the buyer sees; None: the platform does not take it."""
        match kind:
            case "text":
                return Seen("text", content["content"]) if 0 < len(content["content"].encode()) <= MAX_BYTES else None
            case "image" | "video" | "file":
                data = self.uploads.get(content["cos_url"])
                return None if data is None else Seen(kind, picture=data)
            case "product_share":
                return Seen(kind, f"[{content['product_id']}]")
            case "order_share":
                return Seen(kind, f"[{content['order_id']}]") if content["order_id"] in self.orders else None
            case _:
                return None

    async def _upload(self, call: ApiCall) -> web.Response:
        file = form_file(call, "file")
        if file is None or len(file.data) > FILE_BYTES:
            return _no(47001, "the file")
        if form_file(call, "open_id") is None or form_file(call, "msg_type") is None:
            self.breaches.append("an upload for nobody")
        url = f"https://store.example.com/{self.new_id()}"
        self.uploads[url] = file.data
        return _yes({"cos_url": url})

    async def _order(self, call: ApiCall) -> web.Response:
        found = self.orders.get(json.loads(call.body).get("order_id", ""))
        return _no(10020050, "no such order") if found is None else _yes({"order": found})


def _yes(fields: Mapping[str, Any]) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **fields})


def _no(code: int, text: str = "no") -> web.Response:
    return web.json_response({"errcode": code, "errmsg": f"{text} rid: 65f1a2b3-1a2b3c4d"})
