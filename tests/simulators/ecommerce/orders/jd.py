"""JOS's gateway for one shop."""

import hashlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered


@dataclass(slots=True)
class JdGateway:
    app_key: str = "jd-key"
    secret: str = "jd-secret"
    tokens: set[str] = field(default_factory=lambda: {"jd-token"})
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: deque[str] = field(default_factory=deque)

    def answer(self, asked: Asked) -> Answered:
        if asked.path.startswith("/oauth2/"):
            return self._token(asked)
        form = asked.form
        if self.errors:
            return _error(self.errors.popleft())
        if form.get("app_key") != self.app_key:
            return _error("10")
        if form.get("sign") != self._sign(form):
            return _error("12")
        if form.get("access_token") not in self.tokens:
            return _error("19")
        given = json.loads(form["360buy_param_json"])
        if list(given) != sorted(given):
            return _error("12")
        order = self.orders.get(given["order_id"])
        if order is None:
            return _error("10100056")
        return answered({"jingdong_pop_order_get_responce": {"code": "0", "orderDetailInfo": {"orderInfo": order}}})

    def _token(self, asked: Asked) -> Answered:
        good = {"/oauth2/access_token": ("code", "code-1"), "/oauth2/refresh_token": ("refresh_token", "refresh-1")}
        name, value = good[asked.path]
        if asked.query.get("app_secret") != self.secret or asked.query.get(name) != value:
            return answered({"code": 400, "msg": "wrong"})
        self.tokens.add("jd-token-2")
        return answered({"access_token": "jd-token-2", "expires_in": 86400, "refresh_token": "refresh-1", "code": 0})

    def _sign(self, form: dict[str, str]) -> str:
        text = self.secret
        for name in sorted(form):
            if name != "sign":
                text += name + form[name]
        return hashlib.md5((text + self.secret).encode()).hexdigest().upper()


def _error(code: str) -> Answered:
    return answered({"error_response": {"code": code, "zh_desc": "不行", "en_desc": "no"}})


def order(order_id: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "orderId": order_id,
        "orderState": state,
        "orderStartTime": "2026-11-20 20:31:00",
        "orderPayment": "599.00",
        "pin": "jd_lin",
        "open_id_buyer": "open-lin",
        "consigneeInfo": {"fullname": "*", "mobile": "138****8000"},
        "itemInfoList": [{"skuId": "1001", "skuName": "橡木餐椅", "jdPrice": "599.00", "itemTotal": "1"}],
        "waybill": "JD001",
        **more,
    }
