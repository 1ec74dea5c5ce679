"""Pinduoduo's gateway for one shop."""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered


@dataclass(slots=True)
class PinduoduoGateway:
    client_id: str = "pdd-client"
    secret: str = "pdd-secret"
    tokens: set[str] = field(default_factory=lambda: {"pdd-token"})
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: deque[str] = field(default_factory=deque)

    def answer(self, asked: Asked) -> Answered:
        form = asked.form
        if self.errors:
            return _error(self.errors.popleft())
        if form.get("client_id") != self.client_id or form.get("sign") != self._sign(form):
            return _error("20004")
        match form["type"]:
            case "pdd.pop.auth.token.create" if form.get("code") == "code-1":
                return self._token("pop_auth_token_create_response")
            case "pdd.pop.auth.token.refresh" if form.get("refresh_token") == "refresh-1":
                return self._token("pop_auth_token_refresh_response")
            case "pdd.order.information.get" if form.get("access_token") in self.tokens:
                found = self.orders.get(form["order_sn"])
                missing = _error("50001", "订单不存在")
                return answered({"order_info_get_response": {"order_info": found}}) if found else missing
            case _:
                return _error("10019")

    def _token(self, name: str) -> Answered:
        self.tokens.add("pdd-token-2")
        token = {"access_token": "pdd-token-2", "expires_in": 86399, "refresh_token": "refresh-1"}
        return answered({name: {**token, "refresh_token_expires_in": 2592000}})

    def _sign(self, form: dict[str, str]) -> str:
        parts = [self.secret, *(key + form[key] for key in sorted(form.keys() - {"sign"})), self.secret]
        return hashlib.md5("".join(parts).encode()).hexdigest().upper()


def _error(code: str, said: str = "不行") -> Answered:
    return answered({"error_response": {"error_code": int(code), "error_msg": "no", "sub_code": "1", "sub_msg": said}})


def order(order_sn: str, status: int, **more: Any) -> dict[str, Any]:
    return {
        "order_sn": order_sn,
        "order_status": status,
        "confirm_status": 1,
        "refund_status": 1,
        "created_time": "2026-11-20 20:31:00",
        "pay_amount": 59.9,
        "receiver_phone": "1380013****",
        "tracking_number": "YT01" if status > 1 else "",
        "item_list": [{"goods_id": 9001, "goods_name": "橡木小凳", "goods_price": 59.9, "goods_img": ""}],
        **more,
    }
