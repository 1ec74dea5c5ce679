"""Pushes of Lazada, made for tests of reading them."""

from typing import Any

import orjson
from pydantic import SecretStr

from yizhan.channels.ecommerce.lazada.settings import LazadaSettings

SESSION = "100094063_2_1011822749_1_103"
BUYER, SELLER = "1011822749", "100094063"
SECRET = "3412gyo124goi3124"


def settings(**changed: Any) -> LazadaSettings:
    given = {"platform": "lazada", "country": "sg", "app_key": "123456", "app_secret": SecretStr(SECRET), **changed}
    return LazadaSettings.model_validate(given)


def message(said: object, **changed: Any) -> dict[str, Any]:
    """``data`` of a message that the buyer wrote."""
    return {
        "session_id": SESSION,
        "message_id": "1gxpQkhVtN1U",
        "content": said if isinstance(said, str) else orjson.dumps(said).decode(),
        "from_account_id": BUYER,
        "from_account_type": 1,
        "to_account_id": SELLER,
        "to_account_type": 2,
        "send_time": 1763790000123,
        "template_id": 1,
        "type": 1,
        "site_id": "lazada_sg",
        "process_msg": "",
        "auto_reply": False,
        "status": 0,
        **changed,
    }


def of_the_seller(said: object, **changed: Any) -> dict[str, Any]:
    sides = {"from_account_id": SELLER, "from_account_type": 2, "to_account_id": BUYER, "to_account_type": 1}
    return message(said, **{**sides, **changed})


def push(data: object, message_type: int = 2, **changed: Any) -> bytes:
    body = {"seller_id": "1234567", "message_type": message_type, "data": data, "timestamp": 1763790000, **changed}
    return orjson.dumps({**body, "site": "lazada_sg"})
