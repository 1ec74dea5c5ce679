"""TOP's gateway for one shop: trades, parcels, tokens."""

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered


@dataclass(slots=True)
class TaobaoGateway:
    """``trades`` by tid, ``traces`` by tid. ``errors`` (code, sub code) are answered first, one a call."""

    app_key: str = "12345678"
    secret: str = "top-secret"
    sessions: set[str] = field(default_factory=lambda: {"session-1"})
    trades: dict[str, dict[str, Any]] = field(default_factory=dict)
    traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: deque[tuple[str, str]] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answered:
        if asked.path == "/token":
            return self._token(asked.form)
        form = asked.form
        self.asked.append(form.get("method", ""))
        if self.errors:
            return _error(*self.errors.popleft())
        if form.get("app_key") != self.app_key:
            return _error("29")
        if form.get("sign") != self._sign(form):
            return _error("25")
        if form.get("session") not in self.sessions:
            return _error("27")
        match form["method"]:
            case "taobao.trade.fullinfo.get":
                trade = self.trades.get(form["tid"])
                missing = _error("15", "isv.trade-not-exist")
                return answered({"trade_fullinfo_get_response": {"trade": trade}}) if trade else missing
            case "taobao.trades.sold.get":
                return self._sold(form)
            case "taobao.logistics.trace.search":
                trace = self.traces.get(form["tid"])
                missing = _error("15", "isv.logistics-offline-service-error")
                return answered({"logistics_trace_search_response": trace}) if trace else missing
            case _:
                return _error("22")

    def _sold(self, form: dict[str, str]) -> Answered:
        by, name = ("buyer_open_uid", "buyer_open_id") if "buyer_open_id" in form else ("buyer_nick", "buyer_nick")
        theirs = [one for one in self.trades.values() if one.get(by) == form[name]]
        return answered({"trades_sold_get_response": {"total_results": len(theirs), "trades": {"trade": theirs}}})

    def _token(self, form: dict[str, str]) -> Answered:
        good = form.get("code") == "code-1" or form.get("refresh_token") == "refresh-1"
        if form.get("client_secret") != self.secret or not good:
            return answered({"error": "invalid_client", "error_description": "wrong"}, 400)
        self.sessions.add("session-2")
        token = {"access_token": "session-2", "expires_in": 86400, "refresh_token": "refresh-1", "re_expires_in": 99}
        return answered(token)

    def _sign(self, form: dict[str, str]) -> str:
        text = b"".join(
            name.encode() + value.encode() for name, value in sorted(form.items()) if name != "sign" and value
        )
        key = self.secret.encode()
        how = form.get("sign_method")
        if how == "md5":
            return hashlib.md5(key + text + key).hexdigest().upper()
        digest = {"hmac": hashlib.md5, "hmac-sha256": hashlib.sha256}[how or ""]
        return hmac.new(key, text, digest).hexdigest().upper()


def _error(code: str, sub_code: str = "") -> Answered:
    return answered(
        {"error_response": {"code": int(code), "msg": "no", "sub_code": sub_code, "sub_msg": "no", "request_id": "r1"}}
    )


def trade(tid: str, status: str, **more: Any) -> dict[str, Any]:
    """A trade of two chairs and a lamp, as the gateway writes it."""
    return {
        "tid": int(tid),
        "status": status,
        "created": "2026-11-20 20:31:00",
        "payment": "1198.00",
        "buyer_nick": "l**n",
        "buyer_open_uid": "AAE-lin",
        "receiver_mobile": "138****8000",
        "orders": {
            "order": [
                {
                    "oid": int(tid) + 1,
                    "num_iid": 600001,
                    "title": "橡木餐椅",
                    "price": "599.00",
                    "pic_path": "https://img.alicdn.com/chair.jpg",
                    "refund_status": "NO_REFUND",
                    "invoice_no": "SF1390000100001",
                    "logistics_company": "顺丰速运",
                }
            ]
        },
        **more,
    }
