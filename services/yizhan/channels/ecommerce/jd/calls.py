"""Calls of JOS: signed, and what they answer (reference E.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from pydantic import Field
from yarl import URL

from yizhan.channels.ecommerce.jd.errors import JD
from yizhan.channels.ecommerce.jd.settings import JdSettings
from yizhan.channels.ecommerce.order_answers import Model, Part, Text, china_stamp, read
from yizhan.channels.ecommerce.order_errors import Told, known, meant, words
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.channels.ecommerce.sorted_signing import md5_signature
from yizhan.core.runtime.clock import Clock

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class _Error(Part):
    code: Text
    zh_desc: Text = ""
    en_desc: Text = ""


class _Failed(Part):
    error: _Error | None = Field(None, alias="error_response")


@dataclass(frozen=True, slots=True)
class JosCalls:
    """One gateway for everything; a call is named in its form, its arguments are JSON with sorted names."""

    calls: Calls
    clock: Clock

    async def __call__(
        self, settings: JdSettings, token: str, method: str, given: Mapping[str, str], model: type[Model]
    ) -> Model:
        """Raises RetryLater, Refused, NoSuchOrder and TokenExpired."""
        secret = settings.app_secret.get_secret_value()
        params = {
            "method": method,
            "access_token": token,
            "app_key": settings.app_key,
            "timestamp": china_stamp(self.clock()),
            "v": "2.0",
            "360buy_param_json": orjson.dumps(dict(given), option=orjson.OPT_SORT_KEYS).decode(),
        }
        body = urlencode({**params, "sign": md5_signature(secret, params)}).encode()
        request = Request(method, "POST", URL(settings.api_url), FORM, body, secrets=(secret, token))
        answer = (await self.calls(request)).body
        error = read(_Failed, answer).error
        if error is not None:
            self.calls.refused(method, known(error.code, JD))
            said = words(error.zh_desc or error.en_desc, (secret, token))
            raise meant(Told(error.code, said, token), JD)
        return read(model, answer)
