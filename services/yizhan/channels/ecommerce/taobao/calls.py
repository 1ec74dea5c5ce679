"""Calls of TOP: signed, and what they answer (reference E.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import Field
from yarl import URL

from yizhan.channels.ecommerce.order_answers import Model, Part, Text, china_stamp, read
from yizhan.channels.ecommerce.order_errors import Told, known, meant, words
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.channels.ecommerce.sorted_signing import hmac_signature, md5_signature
from yizhan.channels.ecommerce.taobao.errors import TAOBAO, TAOBAO_SUB
from yizhan.channels.ecommerce.taobao.settings import TaobaoSettings
from yizhan.core.runtime.clock import Clock

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class _Error(Part):
    code: Text
    msg: Text = ""
    sub_code: Text = ""
    sub_msg: Text = ""


class _Failed(Part):
    error: _Error | None = Field(None, alias="error_response")


def signature(secret: str, params: Mapping[str, str]) -> str:
    """By the method that ``sign_method`` names."""
    match params.get("sign_method"):
        case "hmac":
            return hmac_signature(secret, params, "md5")
        case "hmac-sha256":
            return hmac_signature(secret, params, "sha256")
        case _:
            return md5_signature(secret, params)


@dataclass(frozen=True, slots=True)
class TopCalls:
    """One gateway for everything; a call is named in its form."""

    calls: Calls
    clock: Clock

    async def __call__(
        self, settings: TaobaoSettings, session: str, method: str, given: Mapping[str, str], model: type[Model]
    ) -> Model:
        """Raises RetryLater, Refused, NoSuchOrder and TokenExpired."""
        secret = settings.app_secret.get_secret_value()
        params = {
            "method": method,
            "app_key": settings.app_key,
            "session": session,
            "timestamp": china_stamp(self.clock()),
            "v": "2.0",
            "format": "json",
            "sign_method": settings.sign_method,
            **given,
        }
        body = urlencode({**params, "sign": signature(secret, params)}).encode()
        request = Request(method, "POST", URL(settings.api_url), FORM, body, secrets=(secret, session))
        answer = (await self.calls(request)).body
        self._check(answer, method, session, (secret, session))
        return read(model, answer)

    def _check(self, answer: bytes, method: str, session: str, secrets: tuple[str, ...]) -> None:
        error = read(_Failed, answer).error
        if error is None:
            return
        table, code = (TAOBAO_SUB, error.sub_code) if error.sub_code in TAOBAO_SUB else (TAOBAO, error.code)
        self.calls.refused(method, known(code, table))
        raise meant(Told(code, words(error.sub_msg or error.msg, secrets), session), table)
