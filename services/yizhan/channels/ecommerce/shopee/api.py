"""Calls of Shopee's API: signed, for a shop or for the app, and what is answered.

Every error is a SendError without a secret in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError
from yizhan.channels.ecommerce.multipart import FilePart, form_of
from yizhan.channels.ecommerce.order_errors import words
from yizhan.channels.ecommerce.platform import Request, Response, Tools
from yizhan.channels.ecommerce.reading import NotJson, Words, json_object
from yizhan.channels.ecommerce.shopee.errors import label, meant
from yizhan.channels.ecommerce.shopee.settings import ShopeeSettings
from yizhan.channels.ecommerce.shopee.signing import call_signature

ShopeeShop = Account[ShopeeSettings]

JSON = "application/json"

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. ``what`` is a static name; ``sending``: it must not happen twice.

    ``whole``: the answer stands by itself, not in ``response``. ``secrets`` are those in the body.
    """

    what: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    file: FilePart | None = field(default=None, repr=False)
    sending: bool = False
    whole: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


class _Told(Exception):
    """The platform said no."""

    def __init__(self, code: str, meaning: SendError) -> None:
        super().__init__(code)
        self.code = code
        self.meaning = meaning


class _Basic(BaseModel):
    error: Words = ""
    message: Words = ""


class Api:
    """Calls for every shop."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def ask(self, shop: ShopeeShop, call: Call, answer: type[Answer]) -> Answer:
        """For the shop. Raises a SendError."""
        return await self._asked(shop.settings, call, await self._tools.tokens.get(shop.id), answer)

    async def ask_as_app(self, settings: ShopeeSettings, call: Call, answer: type[Answer]) -> Answer:
        """For the app, without a token. Raises a SendError."""
        return await self._asked(settings, call, "", answer)

    async def _asked(self, settings: ShopeeSettings, call: Call, token: str, answer: type[Answer]) -> Answer:
        request = signed(settings, call, token, int(self._tools.clock().timestamp()), self._tools.new_id())
        response = await self._tools.calls(request)
        try:
            return read(response, call, token, request.secrets, answer)
        except _Told as told:
            self._tools.calls.refused(call.what, label(told.code))
            raise told.meaning from None


def signed(settings: ShopeeSettings, call: Call, token: str, timestamp: int, boundary: str) -> Request:
    """The call as it goes out; with a token it is for the shop. Raises Refused for half a character, which is no text."""
    headers: dict[str, str] = {}
    body: bytes | None = None
    if call.file is not None:
        form = form_of(call.file, boundary)
        headers["Content-Type"], body = form.content_type, form.body
    elif call.body is not None:
        try:
            headers["Content-Type"], body = JSON, orjson.dumps(call.body)
        except (orjson.JSONEncodeError, TypeError):  # half a character, or a number beyond 64 bits
            raise Refused("", "", Refusal.BAD_CONTENT) from None
    shop_id = settings.shop_id if token else ""
    sign = call_signature(settings.key, settings.partner_id, call.path, timestamp, token, shop_id)
    query = {**call.query, "partner_id": settings.partner_id, "timestamp": str(timestamp), "sign": sign}
    if token:
        query |= {"access_token": token, "shop_id": shop_id}
    url = URL(settings.api + call.path, encoded=True).with_query(query)
    secrets = (token, settings.key, sign, *call.secrets)
    return Request(call.what, call.method, url, headers, body, sending=call.sending, secrets=secrets)


def read(response: Response, call: Call, token: str, secrets: tuple[str, ...], answer: type[Answer]) -> Answer:
    """The answer. Raises OutcomeUnknown, RetryLater, Refused, or what carries the code that was told."""
    try:
        fields = json_object(response.body)
        basic = _Basic.model_validate(fields)
    except (NotJson, ValidationError):
        if response.status >= 400:
            raise Refused(f"http_{response.status}") from None
        raise _unknown(call) from None
    if basic.error:
        raise _Told(basic.error, meant(basic.error, words(basic.message, secrets), token))
    if response.status >= 400:
        raise Refused(f"http_{response.status}")
    if not call.whole and "response" not in fields and call.sending:
        raise _unknown(call)
    try:
        return answer.model_validate(fields if call.whole else fields.get("response") or {})
    except ValidationError:
        raise _unknown(call) from None


def _unknown(call: Call) -> SendError:
    """What it means that the call may have been taken and nobody can read what was said of it."""
    return OutcomeUnknown() if call.sending else RetryLater()
