"""Calls of Pinduoduo: signed, and what they answer (reference E.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import Field
from yarl import URL

from yizhan.channels.ecommerce.order_answers import Model, Part, Text, read
from yizhan.channels.ecommerce.order_errors import NoSuchOrder, Told, known, meant, words
from yizhan.channels.ecommerce.pinduoduo.errors import BUSINESS, MISSING, PINDUODUO
from yizhan.channels.ecommerce.pinduoduo.settings import PinduoduoSettings
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.channels.ecommerce.sorted_signing import md5_signature
from yizhan.core.runtime.clock import Clock

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class _Error(Part):
    error_code: Text
    error_msg: Text = ""
    sub_code: Text = ""
    sub_msg: Text = ""


class _Failed(Part):
    error: _Error | None = Field(None, alias="error_response")


@dataclass(frozen=True, slots=True)
class PinduoduoCalls:
    """One gateway for everything; ``type`` in the form names the call."""

    calls: Calls
    clock: Clock

    async def __call__(
        self, settings: PinduoduoSettings, token: str, kind: str, given: Mapping[str, str], model: type[Model]
    ) -> Model:
        """``token`` empty: the call needs none. Raises RetryLater, Refused, NoSuchOrder and TokenExpired."""
        secret = settings.client_secret.get_secret_value()
        params = {
            "type": kind,
            "client_id": settings.client_id,
            "timestamp": str(int(self.clock().timestamp())),
            "data_type": "JSON",
            **({"access_token": token} if token else {}),
            **given,
        }
        secrets = (secret, token, given.get("code", ""), given.get("refresh_token", ""))
        body = urlencode({**params, "sign": md5_signature(secret, params)}).encode()
        request = Request(kind, "POST", URL(settings.api_url), FORM, body, secrets=secrets)
        answer = (await self.calls(request)).body
        error = read(_Failed, answer).error
        if error is None:
            return read(model, answer)
        self.calls.refused(kind, known(error.error_code, PINDUODUO))
        said = error.sub_msg or error.error_msg
        if error.error_code == BUSINESS and MISSING in said:
            raise NoSuchOrder(error.error_code)
        raise meant(Told(error.error_code, words(said, secrets), token), PINDUODUO)
