"""A shop on Shopee, for tests of the platform alone."""

from typing import Any

import orjson

from tests.unit.channels.ecommerce.bench import Bench, pushed, shop
from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call
from yizhan.channels.ecommerce.shopee.platform import Shopee
from yizhan.channels.ecommerce.shopee.settings import ShopeeSettings
from yizhan.channels.ecommerce.shopee.signing import push_signature

KEY = "PARTNERKEY"
SHOP_ID = "947042923"
BUYER = "165105353"
SELLER = "947151379"
CONVERSATION = "709122092476686867"
ADDRESS = "https://gw.example.com/ecommerce/shopee/shop"


def settings(**more: Any) -> ShopeeSettings:
    given = {"partner_id": "2000001", "partner_key": KEY, "shop_id": SHOP_ID, "region": "ID", **more}
    return ShopeeSettings(platform="shopee", **given)


SHOP: Account[Any] = shop(settings())


def opened() -> tuple[Shopee, Bench]:
    bench = Bench()
    return Shopee(bench.tools()), bench


def ok(response: object) -> dict[str, object]:
    return {"request_id": "r1", "error": "", "message": "", "warning": "", "response": response}


def no(code: str, text: str = "no") -> dict[str, object]:
    return {"request_id": "r1", "error": code, "message": text}


def said(kind: str, content: object, **more: Any) -> dict[str, Any]:
    """A message of the buyer, as pushes and the log have it."""
    return {
        "message_id": "2302748948493123953",
        "shop_id": int(SHOP_ID),
        "request_id": "35f9478b-7482-46eb-a268-8f828fedb673",
        "from_id": int(BUYER),
        "from_user_name": "小林",
        "to_id": int(SELLER),
        "to_user_name": "旗舰店",
        "message_type": kind,
        "content": content,
        "conversation_id": CONVERSATION,
        "created_timestamp": 1726044721,
        "region": "ID",
        "is_in_chatbot_session": False,
        "source_content": {},
        "quoted_msg": {"message_id": ""},
        "sub_account_id": 0,
        "sub_account_name": 0,
        "business_type": 0,
        "to_shop_id": int(SHOP_ID),
        "from_shop_id": 0,
        "status": "normal",
        **more,
    }


def by_shop(kind: str, content: object, **more: Any) -> dict[str, Any]:
    """A message of the shop."""
    turned = {"from_id": int(SELLER), "to_id": int(BUYER), "from_shop_id": int(SHOP_ID), "to_shop_id": 0, "shop_id": 0}
    return said(kind, content, **{**turned, **more})


def push(content: object, kind: str = "message", *, code: int = 10, shop_id: object = int(SHOP_ID)) -> Call:
    """A push, rightly signed."""
    data = {"type": kind, "region": "ID", "content": content} if code == 10 else content
    return raw(orjson.dumps({"msg_id": "", "data": data, "shop_id": shop_id, "code": code, "timestamp": 1726044722}))


def raw(body: bytes, address: str = ADDRESS) -> Call:
    return pushed(body, push_signature(KEY, address, body))
