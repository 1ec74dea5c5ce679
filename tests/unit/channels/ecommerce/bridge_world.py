"""The bridge without a process: a connector's posts go in, its answers come from a list."""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call, Fact
from yizhan.channels.ecommerce.bridge.platform import Bridge
from yizhan.channels.ecommerce.bridge.settings import BridgeSettings
from yizhan.channels.ecommerce.platform import Request, Response, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Media
from yizhan.core.messages.ids import new_id

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
PICTURE = Media("0" * 64, "image/png", "图.png", 9)


@dataclass
class Connector:
    """The tools of a bridge. ``answers`` are given one by one; ``own`` are ids of our sends; ``files`` what can be had."""

    answers: list[Response] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    own: frozenset[str] = frozenset()
    files: Mapping[str, Media] = field(default_factory=dict)
    kept: list[tuple[bytes, str]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers.pop(0)

    def refused(self, what: str, code: str) -> None:
        self.codes.append(code)

    async def get(self, account: str) -> str:
        raise AssertionError("a bridge has no tokens")

    async def facts(self, account: str) -> Mapping[str, str]:
        raise AssertionError("a bridge has no tokens")

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        return self.files.get(url)

    async def keep(self, data: bytes, name: str) -> Media | None:
        self.kept.append((data, name))
        return PICTURE

    async def read(self, media: Media, most: int) -> bytes | None:
        raise AssertionError("a bridge sends links")

    def link(self, media: Media) -> str:
        return f"https://service.example.com/media/{media.media_id}"

    async def known(self, address: Address) -> Mapping[str, str]:
        return {}

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        raise AssertionError("a bridge notes nothing")

    async def ask(self, people: Collection[Address], reference: str) -> None:
        raise AssertionError("nobody left")


class _Ours:
    def __init__(self, own: frozenset[str]) -> None:
        self._own = own

    async def __call__(self, address: Address, external_id: str) -> str:
        return "message-1" if external_id in self._own else ""


def bridge(connector: Connector) -> Bridge:
    ours = _Ours(connector.own)
    tools = Tools(connector, connector, connector, connector, ours, lambda: NOW, new_id, "", connector)
    return Bridge(tools)


def shop(**settings: Any) -> Account[BridgeSettings]:
    given = {"platform": "bridge", "secret": SECRET, "callback_url": "https://connector.example.com/m", **settings}
    return Account("default", "ecommerce", "shop", "店", BridgeSettings.model_validate(given), True, NOW)


def signed(
    body: bytes,
    *,
    secret: str = SECRET,
    event_id: str = "evt-1",
    at: datetime = NOW,
    changed: Mapping[str, str] | None = None,
) -> Call:
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    given = {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    return Call("shop", "POST", {}, body, headers={**given, **(changed or {})})


def event(**fields: Any) -> bytes:
    whole = {"type": "message", "message_id": "m-1", "buyer": {"id": "b-1", "nick": "小王"}}
    return json.dumps({**whole, "content": {"type": "text", "text": "在吗"}, **fields}).encode()


async def understood(one: Bridge, account: Account[BridgeSettings], body: bytes) -> tuple[Fact, ...]:
    push = await one.receive(account, signed(body))
    return (*push.facts, *(await push.finish() if push.finish else ()))
