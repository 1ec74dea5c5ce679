"""Calls of the platform's API, signed, and its answers with their errors. Source: reference channels.md E.4."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from yarl import URL

from yizhan.channels.contract import OutcomeUnknown, Refused, RetryLater, SendError
from yizhan.channels.ecommerce.lazada.errors import label, meant, words
from yizhan.channels.ecommerce.lazada.settings import LazadaSettings
from yizhan.channels.ecommerce.lazada.signing import signed_call
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.core.runtime.clock import Clock

FINE = "0"
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


class Answered(BaseModel):
    """What every answer has. The gateway says ``code``, the chat behind it ``err_code``."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    code: str = FINE
    type: str = ""
    message: str = ""
    err_code: str = FINE
    err_message: str = ""

    @field_validator("code", "err_code", mode="before")
    @classmethod
    def _fine(cls, value: object) -> object:
        return FINE if value in (None, "") else value

    @field_validator("type", "message", "err_message", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return "" if value is None else value


class Api:
    """Of all shops; ``base`` is the API's own host or that of tokens."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock

    async def ask(
        self,
        settings: LazadaSettings,
        method: Literal["GET", "POST"],
        base: str,
        path: str,
        parameters: Mapping[str, str],
        *,
        token: str = "",
        sending: bool = False,
        hidden: tuple[str, ...] = (),
    ) -> bytes:
        """The answer, which says that all is well. ``hidden`` are secrets among the parameters. Raises a SendError."""
        secrets = (settings.app_secret.get_secret_value(), token, *hidden)
        request = self._request(settings, method, base, path, parameters, token, sending, secrets)
        response = await self._calls(request)
        try:
            answered = Answered.model_validate_json(response.body)
        except ValidationError:
            raise self._unread(path, response.status, sending) from None
        code, text = (
            (answered.code, answered.message)
            if answered.code != FINE
            else (answered.err_code, answered.err_message or answered.message)
        )
        if code == FINE:
            return response.body
        self._calls.refused(path, label(code))
        raise meant(code, answered.type, words(text, secrets), token=token, spent=settings.spent_codes, sending=sending)

    def _request(
        self,
        settings: LazadaSettings,
        method: str,
        base: str,
        path: str,
        parameters: Mapping[str, str],
        token: str,
        sending: bool,
        secrets: tuple[str, ...],
    ) -> Request:
        full = {
            **parameters,
            "app_key": settings.app_key,
            "timestamp": str(int(self._clock().timestamp() * 1000)),
            "sign_method": "sha256",
        }
        if token:
            full["access_token"] = token
        full["sign"] = signed_call(settings.app_secret.get_secret_value(), path, full)
        url = URL(base + path)
        if method == "GET":
            return Request(path, method, url.with_query(full), secrets=secrets, sending=sending)
        return Request(
            path, method, url, headers=_FORM, body=urlencode(full).encode(), secrets=secrets, sending=sending
        )

    def _unread(self, path: str, status: int, sending: bool) -> SendError:
        """Something else than the platform answered, or it broke in the middle."""
        if 300 <= status < 500:
            self._calls.refused(path, "other")
            return Refused(f"http_{status}")
        return OutcomeUnknown() if sending else RetryLater()
