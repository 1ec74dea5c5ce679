"""A connector: signs events with the recipe of Standard Webhooks, checks what is posted to it, shows it to buyers."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.simulators.ecommerce import ApiCall, Attempt, Seen, Site
from tests.simulators.ecommerce.courier import Envelope

Json = dict[str, Any]
TEXT_CHARACTERS = 1000


@dataclass
class Note:
    """One event, of which any number of pushes can be made. ``id`` is the same in all of them."""

    connector: "Connector"
    event: Json
    id: str

    def seal(self, *, secret: str = "", at: float | None = None, body: bytes | None = None) -> Envelope:
        raw = json.dumps(self.event, ensure_ascii=False).encode() if body is None else body
        return self.connector.sealed(raw, self.id, secret=secret, at=at)

    async def push(self, *, within: float | None = None, url: str = "") -> Attempt:
        return await self.connector.courier.once(url or self.connector.webhook, self.seal, within=within)


@dataclass
class Connector(Site):
    """``secret`` signs events; what is posted here must be signed with one of ``accepts``."""

    secret: str = ""
    accepts: list[str] = field(default_factory=list)
    window_open: bool = True
    quota: int | None = None
    """How many messages after one of the buyer's; None: any."""
    spent: dict[str, int] = field(default_factory=dict)
    _known: dict[str, tuple[bytes, web.Response]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/messages", self.api("message", self._message))]

    def refusal(self, code: str) -> web.Response:
        return web.json_response({"code": code, "text": "the platform says no"}, status=422)

    @property
    def callback_url(self) -> str:
        return f"{self.root}/messages"

    # --- events ---

    def note(self, event: Json) -> Note:
        return Note(self, {"sent_at": _moment(), "platform": "淘宝", **event}, self.new_id("evt-"))

    def text(self, buyer: str, text: str, message_id: str = "") -> Note:
        return self.said(buyer, {"type": "text", "text": text}, message_id)

    def said(self, buyer: str, content: Json, message_id: str = "", **more: Any) -> Note:
        message_id = message_id or self.new_id("m")
        self.spent[buyer] = 0
        event: Json = {"type": "message", "message_id": message_id, "buyer": {"id": buyer, "nick": "买家"}}
        return self.note({**event, "content": content, **more})

    def sealed(self, raw: bytes, event_id: str, *, secret: str = "", at: float | None = None) -> Envelope:
        stamp = str(int(time.time() if at is None else at))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": stamp,
            "webhook-signature": _signature(secret or self.secret, event_id, stamp, raw),
        }
        return Envelope(raw, headers)

    # --- messages to buyers ---

    async def _message(self, call: ApiCall) -> web.StreamResponse:
        headers = call.request.headers
        key = headers.get("Idempotency-Key", "")
        if not self._signed(headers.get("webhook-id", ""), headers, call.body):
            self.breaches.append("a message was not signed with a secret that is good")
            return web.Response(status=401)
        if key != headers.get("webhook-id") or not key:
            self.breaches.append("Idempotency-Key and webhook-id differ")
        known = self._known.get(key)
        if known is not None:
            if known[0] != call.body:
                self.breaches.append("one Idempotency-Key with two bodies")
            return web.json_response(json.loads(known[1].text or "{}"))
        body: Json = json.loads(call.body)
        buyer: str = body["buyer"]["id"]
        if not self.window_open:
            return self.refusal("window_closed")
        if self.quota is not None and self.spent.get(buyer, 0) >= self.quota:
            self.breaches.append("more messages than the platform allows")
            return self.refusal("quota_spent")
        external_id = self.new_id("out")
        self.spent[buyer] = self.spent.get(buyer, 0) + 1
        self.show(buyer, await self._seen(body["content"], external_id))
        answer = web.json_response({"id": external_id})
        self._known[key] = (call.body, answer)
        return answer

    async def _seen(self, content: Json, external_id: str) -> Seen:
        match content["type"]:
            case "text":
                if len(content["text"]) > TEXT_CHARACTERS:
                    self.breaches.append("a text is too long")
                return Seen("text", content["text"], external_id=external_id)
            case "menu":
                options = tuple((option["id"], option["label"]) for option in content["options"])
                return Seen("menu", content["prompt"], options, external_id=external_id)
            case "image":
                picture = await self.load(content["media"]["url"])
                return Seen("image", picture=picture, external_id=external_id)
            case kind:
                self.breaches.append(f"content of kind {kind}, which this account has not")
                return Seen(kind, external_id=external_id)

    def _signed(self, key: str, headers: Any, body: bytes) -> bool:
        stamp = headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
            return False
        given = headers.get("webhook-signature", "").split(" ")
        return any(_signature(secret, key, stamp, body) in given for secret in self.accepts or [self.secret])


def _signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
