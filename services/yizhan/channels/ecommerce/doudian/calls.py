"""Calls of 抖店: signed, and what they answer (reference E.6)."""

from dataclasses import dataclass
from typing import Any

from yarl import URL

from yizhan.channels.ecommerce.doudian.errors import DOUDIAN, DOUDIAN_SUB, FINE
from yizhan.channels.ecommerce.doudian.settings import DoudianSettings
from yizhan.channels.ecommerce.doudian.signing import param_json, signature
from yizhan.channels.ecommerce.order_answers import Model, Part, Text, china_stamp, read
from yizhan.channels.ecommerce.order_errors import Told, known, meant, words
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.core.runtime.clock import Clock

JSON = {"content-type": "application/json;charset=utf-8"}


class _Outcome(Part):
    err_no: Text = ""
    code: Text = ""
    message: Text = ""
    msg: Text = ""
    sub_code: Text = ""
    sub_msg: Text = ""


@dataclass(frozen=True, slots=True)
class DoudianCalls:
    """A path for each call (/order/orderDetail), which is signed with points for slashes."""

    calls: Calls
    clock: Clock

    async def __call__(
        self, settings: DoudianSettings, token: str, path: str, given: dict[str, Any], model: type[Model]
    ) -> Model:
        """``token`` empty: the call needs none. Raises RetryLater, Refused, NoSuchOrder and TokenExpired."""
        secret, stamp, params = settings.app_secret.get_secret_value(), china_stamp(self.clock()), param_json(given)
        method = path.strip("/").replace("/", ".")
        query = {
            "app_key": settings.app_key,
            "method": method,
            **({"access_token": token} if token else {}),
            "timestamp": stamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "sign": signature(settings.app_key, secret, method, params, stamp),
        }
        url = URL(f"{settings.api_url}{path}").with_query(query)
        answer = (await self.calls(Request(method, "POST", url, JSON, params.encode(), secrets=(secret, token)))).body
        outcome = read(_Outcome, answer)
        code = outcome.code or outcome.err_no
        if code in FINE:
            return read(model, answer)
        table, named = (DOUDIAN_SUB, outcome.sub_code) if outcome.sub_code in DOUDIAN_SUB else (DOUDIAN, code)
        self.calls.refused(method, known(named, table))
        said = words(outcome.sub_msg or outcome.message or outcome.msg, (secret, token))
        raise meant(Told(named, said, token), table)
