"""Calls of 微信小店's API, and the token that they need. Every error is a SendError without a secret in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, Field, ValidationError
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError
from yizhan.channels.ecommerce.multipart import FilePart, form_of
from yizhan.channels.ecommerce.order_errors import words
from yizhan.channels.ecommerce.platform import Request, Response, Tools
from yizhan.channels.ecommerce.reading import NotJson, Words, json_object
from yizhan.channels.ecommerce.weixin_shop.errors import NO_TOKEN, label, meant
from yizhan.channels.ecommerce.weixin_shop.settings import WeixinShopSettings
from yizhan.channels.tokens import Fetched, TokenRefused

WeixinShop = Account[WeixinShopSettings]

TOKEN: Final = "/cgi-bin/stable_token"  # noqa: S105 - a path, not a token
SEND: Final = "/channels/ec/commkf/sendmsg"
UPLOAD: Final = "/channels/ec/commkf/cosupload"
ORDER: Final = "/channels/ec/order/get"

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. ``what`` is a static name; ``sending``: it must not happen twice without its ``request_id``."""

    what: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file: FilePart | None = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    sending: bool = False


class _Told(Exception):
    """The platform said no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class _Basic(BaseModel):
    errcode: int = 0
    errmsg: Words = ""


class _Token(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: float = Field(gt=0)


class Api:
    """Calls for every shop."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def ask(self, shop: WeixinShop, call: Call, answer: type[Answer]) -> Answer:
        """Raises a SendError."""
        token = await self._tools.tokens.get(shop.id)
        request = request_of(shop.settings, call, token, self._tools.new_id())
        response = await self._tools.calls(request)
        try:
            return read(response, call, request.secrets, answer)
        except _Told as told:
            self._tools.calls.refused(call.what, label(told.code))
            raise meant(told.code, told.text, token) from None

    async def token(self, settings: WeixinShopSettings, *, force: bool) -> Fetched:
        """The same for everybody who asks while it is good. Raises TokenRefused, Refused and RetryLater."""
        secret = settings.secret.get_secret_value()
        body = {"grant_type": "client_credential", "appid": settings.app_id, "secret": secret, "force_refresh": force}
        call = Call("weixin_shop token", TOKEN, body)
        request = request_of(settings, call, "", "", secret)
        response = await self._tools.calls(request)
        try:
            given = read(response, call, request.secrets, _Token)
        except _Told as told:
            self._tools.calls.refused(call.what, label(told.code))
            if told.code in NO_TOKEN:
                raise TokenRefused(str(told.code), told.text) from None
            raise meant(told.code, told.text, "") from None
        return Fetched(given.access_token, given.expires_in)


def request_of(settings: WeixinShopSettings, call: Call, token: str, boundary: str, *secrets: str) -> Request:
    """The call as it goes out. Raises Refused for half a character, which is no text."""
    if call.file is not None:
        form = form_of(call.file, boundary, call.fields)
        kind, body = form.content_type, form.body
    else:
        try:
            kind, body = "application/json; charset=utf-8", orjson.dumps(call.body)
        except orjson.JSONEncodeError:
            raise Refused("", "", Refusal.BAD_CONTENT) from None
    url = URL(settings.api_url + call.path, encoded=True).with_query({"access_token": token} if token else {})
    return Request(
        call.what,
        "POST",
        url,
        {"Content-Type": kind},
        body,
        sending=call.sending,
        secrets=(token, settings.secret.get_secret_value(), *secrets),
    )


def read(response: Response, call: Call, secrets: tuple[str, ...], answer: type[Answer]) -> Answer:
    """The answer. Raises OutcomeUnknown, RetryLater, Refused, or what carries the code that was told."""
    try:
        fields = json_object(response.body)
        basic = _Basic.model_validate(fields)
    except (NotJson, ValidationError):
        if response.status >= 400:
            raise Refused(f"http_{response.status}") from None
        raise _unknown(call) from None
    if basic.errcode:
        raise _Told(basic.errcode, words(basic.errmsg, secrets))
    if response.status >= 400:
        raise Refused(f"http_{response.status}")
    if call.sending and "errcode" not in fields:
        raise _unknown(call)
    try:
        return answer.model_validate(fields)
    except ValidationError:
        raise _unknown(call) from None


def _unknown(call: Call) -> SendError:
    """What it means that the call may have been taken and nobody can read what was said of it."""
    return OutcomeUnknown() if call.sending else RetryLater()
