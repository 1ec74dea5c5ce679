"""抖店's gateway for one shop, and its pushes."""

import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered


@dataclass(slots=True)
class DoudianGateway:
    """``errors``: (code, sub code)."""

    app_key: str = "7000000000000000001"
    secret: str = "dd-secret"
    shop_id: str = "4463798"
    tokens: set[str] = field(default_factory=set)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: deque[tuple[str, str]] = field(default_factory=deque)

    def answer(self, asked: Asked) -> Answered:
        if self.errors:
            return _error(*self.errors.popleft())
        query = asked.query
        if query.get("app_key") != self.app_key or query.get("sign") != self._sign(asked):
            return _error("30007", "isv.signature-invalid")
        given = json.loads(asked.body)
        if asked.path == "/token/create":
            if given != {"code": "", "grant_type": "authorization_self", "shop_id": self.shop_id}:
                return _error("40001", "")
            self.tokens.add("dd-token")
            return answered(
                {"err_no": 0, "message": "success", "data": {"access_token": "dd-token", "expires_in": 600}}
            )
        if query.get("access_token") not in self.tokens:
            return _error("40003", "isv.access-token-expired")
        order = self.orders.get(given["shop_order_id"])
        if order is None:
            return _error("50002", "isv.parameter-invalid:2001")
        return answered({"code": 10000, "msg": "success", "data": {"shop_order_detail": order}})

    def push(self, body: bytes) -> dict[str, str]:
        """The headers of a push with this body."""
        sign = hashlib.md5(b"".join((self.app_key.encode(), body, self.secret.encode()))).hexdigest()
        return {"app-id": self.app_key, "event-sign": sign}

    def _sign(self, asked: Asked) -> str:
        query, given = asked.query, asked.body.decode()
        method = asked.path[1:].replace("/", ".")
        signed = f"app_key{self.app_key}method{method}param_json{given}"
        signed += "timestamp" + query.get("timestamp", "") + "v" + query.get("v", "")
        text = self.secret + signed + self.secret
        canonical = json.dumps(json.loads(given), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if canonical != given or query.get("method") != method:
            return ""
        return hmac.new(self.secret.encode(), text.encode(), "sha256").hexdigest()


def _error(code: str, sub_code: str) -> Answered:
    return answered({"code": int(code), "msg": "no", "sub_code": sub_code, "sub_msg": "no", "log_id": "1"})


def order(order_id: str, status: int, **more: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_status": status,
        "create_time": 1_763_641_860,
        "pay_amount": 5990,
        "doudian_open_id": "dd-lin",
        "mask_post_tel": "1********00",
        "sku_order_list": [
            {
                "order_id": order_id + "1",
                "product_id_str": "3500",
                "product_name": "橡木小凳",
                "product_pic": "https://p3.example.com/stool.jpg",
                "origin_amount": 5990,
                "after_sale_info": {"after_sale_status": 0, "refund_status": 0},
            }
        ],
        "logistics_info": [{"tracking_no": "ZT01", "company": "zhongtong", "company_name": "中通快递"}],
        **more,
    }
