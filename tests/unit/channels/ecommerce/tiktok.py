"""A shop on TikTok Shop, for tests of the platform alone."""

from typing import Any

import orjson

from tests.unit.channels.ecommerce.bench import Bench, pushed, shop
from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.platform import TikTok
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.channels.ecommerce.tiktok.signing import push_signature

SECRET = "abc000def111"
SHOP_ID = "7494049642642441621"
CONVERSATION = "710688832392260838"
SEND = paths.messages(CONVERSATION)
WHO = paths.conversation(CONVERSATION)
BUYER = "7494560109732334000"


def settings(**more: Any) -> TikTokSettings:
    given = {"app_key": "123456", "app_secret": SECRET, "service_id": "7001", "shop_id": SHOP_ID, **more}
    return TikTokSettings(platform="tiktok", **given)


SHOP: Account[Any] = shop(settings())


def opened() -> tuple[TikTok, Bench]:
    """The platform with a shop that is known, and a buyer who is."""
    bench = Bench()
    bench.tokens.known = {"shop_cipher": "CIPHER"}
    own = {"id": SHOP_ID, "name": "旗舰店", "cipher": "CIPHER", "region": "GB"}
    bench.calls.answers(paths.SHOPS, ok({"shops": [{"id": "1", "cipher": "OTHER"}, own]}))
    participants = [
        {"role": "SHOP", "im_user_id": "9", "nickname": "旗舰店"},
        {"role": "BUYER", "im_user_id": "707885565181165594", "user_id": BUYER, "nickname": "小林"},
    ]
    bench.calls.answers(WHO, ok({"conversation": {"id": CONVERSATION, "participants": participants}}))
    bench.calls.answers(SEND, ok({"messages": []}))
    return TikTok(bench.tools()), bench


def ok(data: object) -> dict[str, object]:
    return {"code": 0, "message": "Success", "request_id": "202611240300", "data": data}


def said(kind: str, content: object, **more: Any) -> dict[str, Any]:
    """The data of a NEW_MESSAGE."""
    return {
        "message_id": "722323407926368819",
        "conversation_id": CONVERSATION,
        "type": kind,
        "content": content if isinstance(content, str) else orjson.dumps(content).decode(),
        "create_time": 1681790246,
        "is_visible": True,
        "index": "7494560109732334274",
        "sender": {"im_user_id": "707885565181165594", "role": "BUYER"},
        **more,
    }


def push(data: object, kind: int = 14, *, shop_id: object = SHOP_ID) -> Call:
    """A push, rightly signed."""
    whole = {"type": kind, "tts_notification_id": "73271", "shop_id": shop_id, "timestamp": 1644412885, "data": data}
    return raw(orjson.dumps(whole))


def raw(body: bytes) -> Call:
    return pushed(body, push_signature(SECRET, "123456", body))
