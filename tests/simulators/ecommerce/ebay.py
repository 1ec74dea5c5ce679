"""eBay on this machine: messages, keys, orders, consent. Written from reference channels.md E.2, with signatures of its own."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulators.ecommerce.courier import Attempt, Envelope, Seal
from tests.simulators.ecommerce.site import ApiCall, Seen, Site
from tests.simulators.ecommerce.tokens import Granted, GrantRefused

CLIENT_ID = "Shop-PRD-0001"
RU_NAME = "Shop-RuName-PRD"
SELLER = "tea_house"
MOST_TEXT = 2000
MOST_MEDIA = 5
KINDS = frozenset({"IMAGE", "PDF", "DOC", "TXT"})
STATUSES = {"195011": 403, "1001": 401, "2001": 429, "355001": 400}


@dataclass
class Conversation:
    conversation_id: str
    buyer: str
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class SimEbay(Site):
    """One seller. ``pushes_bodies`` False: pushes name messages without saying them, as the documentation allows."""

    client_secret: str = "PRD-client-secret-of-the-shop"
    verification_token: str = "verification_token_of_the_shop_0123456789"
    pushes_bodies: bool = True
    conversations: dict[str, Conversation] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    app_tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens.rotates = False
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.rotate_key()

    def rotate_key(self) -> None:
        """Pushes are signed with another key from now on."""
        self.kid = f"{len(self._keys) + 1:08x}-7d7b-4621-a0f1-96ccb428af49"
        self._keys[self.kid] = ec.generate_private_key(ec.SECP256R1())

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/commerce/message/v1/send_message", self.api("send", self._send)),
            web.get("/commerce/message/v1/conversation", self.api("conversations", self._listed)),
            web.get("/commerce/message/v1/conversation/{id}", self.api("conversation", self._read)),
            web.get("/commerce/notification/v1/public_key/{kid}", self.api("key", self._key)),
            web.get("/sell/fulfillment/v1/order/{id}", self.api("order", self._order)),
            web.post("/identity/v1/oauth2/token", self.api("tokens", self._tokens)),
        ]

    def refusal(self, code: str) -> web.Response:
        error = {"errorId": int(code), "domain": "API_MESSAGE", "category": "REQUEST", "message": f"refused: {code}"}
        return _json({"errors": [error]}, STATUSES.get(code, 400))

    # --- what the platform is asked ---

    def _is_sellers(self, call: ApiCall) -> bool:
        kind, _, token = call.request.headers.get("Authorization", "").partition(" ")
        return kind == "Bearer" and self.tokens.good(token)

    async def _send(self, call: ApiCall) -> web.StreamResponse:
        if not self._is_sellers(call):
            return self.refusal("1001")
        body = orjson.loads(call.body)
        conversation = self.conversations.get(body.get("conversationId", ""))
        if conversation is None and "otherPartyUsername" in body:
            conversation = self.conversation(body["otherPartyUsername"])
        text, media = body.get("messageText", ""), body.get("messageMedia", [])
        kinds = {item.get("mediaType") for item in media}
        if conversation is None or not text or len(text) > MOST_TEXT or len(media) > MOST_MEDIA or kinds - KINDS:
            self.breaches.append("send_message: a field is missing or wrong")
            return self.refusal("355001")
        pictures = [await self.load(item["mediaUrl"]) for item in media if item["mediaType"] == "IMAGE"]
        papers = [item["mediaUrl"] for item in media if item["mediaType"] != "IMAGE"]
        message_id = self.new_id()
        shown = "" if pictures else " ".join([text, *papers])
        self.show(conversation.buyer, Seen("message", shown, picture=b"".join(pictures), external_id=message_id))
        self._kept(conversation, message_id, text, SELLER, conversation.buyer)
        return _json({"messageId": message_id, "conversationId": conversation.conversation_id}, 201)

    async def _listed(self, call: ApiCall) -> web.StreamResponse:
        if not self._is_sellers(call):
            return self.refusal("1001")
        every = [one for one in self.conversations.values() if one.messages]
        limit, offset = int(call.request.query.get("limit", "25")), int(call.request.query.get("offset", "0"))
        page = [
            {"conversationId": one.conversation_id, "latestMessage": one.messages[-1]}
            for one in every[offset : offset + limit]
        ]
        return _json({"conversations": page, "total": len(every), "limit": limit, "offset": offset})

    async def _read(self, call: ApiCall) -> web.StreamResponse:
        if not self._is_sellers(call):
            return self.refusal("1001")
        found = self.conversations.get(call.request.match_info["id"])
        return web.Response(status=404) if found is None else _json({"messages": found.messages[::-1]})

    async def _key(self, call: ApiCall) -> web.StreamResponse:
        if call.request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.app_tokens:
            return self.refusal("1001")
        key = self._keys.get(call.request.match_info["kid"])
        if key is None:
            return web.Response(status=404)
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return _json({"key": pem.replace("\n", ""), "algorithm": "ECDSA", "digest": "SHA1"})

    async def _order(self, call: ApiCall) -> web.StreamResponse:
        if not self._is_sellers(call):
            return self.refusal("1001")
        found = self.orders.get(call.request.match_info["id"])
        return web.Response(status=404) if found is None else _json(found)

    async def _tokens(self, call: ApiCall) -> web.StreamResponse:
        basic = base64.b64encode(f"{CLIENT_ID}:{self.client_secret}".encode()).decode()
        form = await call.request.post()
        if call.request.headers.get("Authorization") != f"Basic {basic}":
            self.breaches.append("tokens: client")
            return _json({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "client_credentials":
            self.app_tokens.append(f"app-token-{secrets.token_hex(8)}")
            return _json({"access_token": self.app_tokens[-1], "expires_in": 7200})
        try:
            granted = self._granted(form)
        except GrantRefused:
            return _json({"error": "invalid_grant"}, 400)
        told: dict[str, Any] = {"access_token": granted.access, "expires_in": int(granted.expires_in)}
        if form.get("grant_type") == "authorization_code":
            told |= {"refresh_token": granted.refresh, "refresh_token_expires_in": int(granted.refresh_expires_in)}
        return _json(told)

    def _granted(self, form: Mapping[str, Any]) -> Granted:
        if form.get("grant_type") != "authorization_code":
            return self.tokens.renew(str(form.get("refresh_token", "")))
        if form.get("redirect_uri") != RU_NAME:
            self.breaches.append("tokens: RuName")
            raise GrantRefused("code_unknown")
        return self.tokens.exchange(str(form.get("code", "")))

    # --- what the platform pushes ---

    def conversation(self, buyer: str) -> Conversation:
        """The buyer's, begun where there is none."""
        return self.conversations.setdefault(
            f"conversation-of-{buyer}", Conversation(f"conversation-of-{buyer}", buyer)
        )

    def written(self, buyer: str, text: str, media: tuple[Mapping[str, str], ...] = ()) -> dict[str, Any]:
        """``data`` of a message that the buyer wrote just now, which the platform's own log has as well."""
        conversation = self.conversation(buyer)
        kept = self._kept(conversation, self.new_id(), text, buyer, SELLER, media)
        data = {
            "messageId": kept["messageId"],
            "conversationId": conversation.conversation_id,
            "conversationType": "FROM_MEMBERS",
            "recipientUserName": SELLER,
            "createdDate": kept["createdDate"],
            "readStatus": False,
        }
        if not self.pushes_bodies:
            return data
        return data | {"messageBody": text, "senderUserName": buyer, "messageMedia": list(media)}

    def seal(self, data: object, topic: str = "NEW_MESSAGE", *, forged: bool = False) -> Seal:
        """A notification, signed at each try; ``forged``: by somebody else's key."""

        def sealed() -> Envelope:
            body = orjson.dumps(
                {
                    "metadata": {"topic": topic, "schemaVersion": "1.0", "deprecated": False},
                    "notification": {"notificationId": secrets.token_hex(8), "publishAttemptCount": 1, "data": data},
                }
            )
            return self.signed(body, forged=forged)

        return sealed

    def signed(self, body: bytes, *, forged: bool = False) -> Envelope:
        key = ec.generate_private_key(ec.SECP256R1()) if forged else self._keys[self.kid]
        signature = base64.b64encode(key.sign(body, ec.ECDSA(hashes.SHA1()))).decode()
        told = {"alg": "ecdsa", "kid": self.kid, "signature": signature, "digest": "SHA1"}
        return Envelope(body, {"X-EBAY-SIGNATURE": base64.b64encode(orjson.dumps(told)).decode()})

    async def challenged(self, endpoint: str) -> bool:
        """Register the address: whether it proves that it knows the token."""
        code = secrets.token_hex(16)
        expected = hashlib.sha256(f"{code}{self.verification_token}{endpoint}".encode()).hexdigest()
        async with self._http.get(self.webhook, params={"challenge_code": code}) as answer:
            if answer.status != 200 or answer.content_type != "application/json":
                return False
            told = await answer.json()
        return bool(told == {"challengeResponse": expected})

    async def says(self, buyer: str, text: str) -> Attempt:
        return await self.courier.carry(self.webhook, self.seal(self.written(buyer, text)))

    async def shows(self, buyer: str, picture: bytes) -> Attempt:
        media = {"mediaName": "picture.png", "mediaType": "IMAGE", "mediaUrl": self.serve_file(picture)}
        return await self.courier.carry(self.webhook, self.seal(self.written(buyer, "", (media,))))

    def _kept(
        self,
        conversation: Conversation,
        message_id: str,
        text: str,
        sender: str,
        recipient: str,
        media: tuple[Mapping[str, str], ...] = (),
    ) -> dict[str, Any]:
        message = {
            "messageId": message_id,
            "messageBody": text,
            "senderUsername": sender,
            "recipientUsername": recipient,
            "createdDate": datetime.fromtimestamp(self.clock.dated(), UTC).isoformat().replace("+00:00", "Z"),
            "messageMedia": list(media),
        }
        conversation.messages.append(message)
        return message


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
