"""Calls of TikTok Shop's API: signed, with the shop's token and cipher, and what is answered.

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
from yizhan.channels.ecommerce.reading import MaybeId, NotJson, Words, json_object
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.errors import label, meant
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.channels.ecommerce.tiktok.signing import call_signature

TikTokShop = Account[TikTokSettings]

JSON = "application/json"
TOKEN_HEADER = "x-tts-access-token"  # noqa: S105 - the name of a header
CIPHER = "shop_cipher"
"""What names the shop in every call; kept with the seller's consent, which told it."""


class Shop(BaseModel):
    """A shop that a seller consented for."""

    id: MaybeId = ""
    name: Words = ""
    cipher: str = ""


class Shops(BaseModel):
    shops: tuple[Shop, ...] = ()


Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. ``what`` is a static name; ``sending``: it must not happen twice."""

    what: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    file: FilePart | None = field(default=None, repr=False)
    sending: bool = False


class Api:
    """Calls for every shop."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def ask(self, shop: TikTokShop, call: Call, answer: type[Answer]) -> Answer:
        """Raises a SendError."""
        token = await self._tools.tokens.get(shop.id)
        cipher = (await self._tools.tokens.facts(shop.id)).get(CIPHER, "")
        if not cipher:
            raise Refused(CIPHER, "the consent names no shop: let the seller consent again", Refusal.ACCOUNT)
        return await self._asked(shop, call, token, {CIPHER: cipher}, answer)

    async def shops(self, shop: TikTokShop, token: str) -> Shops:
        """Which shops a token is for. Raises a SendError."""
        return await self._asked(shop, Call("tiktok shops", "GET", paths.SHOPS), token, {}, Shops)

    async def _asked(
        self, shop: TikTokShop, call: Call, token: str, more: Mapping[str, str], answer: type[Answer]
    ) -> Answer:
        request = signed(shop.settings, call, token, more, int(self._tools.clock().timestamp()), self._tools.new_id())
        response = await self._tools.calls(request)
        try:
            return read(response, call, token, request.secrets, answer)
        except _Told as told:
            self._tools.calls.refused(call.what, label(told.code))
            raise told.meaning from None


class _Told(Exception):
    """The platform said no."""

    def __init__(self, code: int, meaning: SendError) -> None:
        super().__init__(code)
        self.code = code
        self.meaning = meaning


class _Basic(BaseModel):
    code: int
    message: Words = ""


def signed(
    settings: TikTokSettings, call: Call, token: str, more: Mapping[str, str], timestamp: int, boundary: str
) -> Request:
    """The call as it goes out. Raises Refused for half a character, which is no text."""
    headers = {TOKEN_HEADER: token, "Content-Type": JSON}
    body, to_sign = b"", b""
    if call.file is not None:
        form = form_of(call.file, boundary)
        headers["Content-Type"], body = form.content_type, form.body
    elif call.body is not None:
        try:
            body = to_sign = orjson.dumps(call.body)
        except orjson.JSONEncodeError:
            raise Refused("", "", Refusal.BAD_CONTENT) from None
    query = {**call.query, **more, "app_key": settings.app_key, "timestamp": str(timestamp)}
    query["sign"] = call_signature(settings.secret, call.path, query, to_sign)
    url = URL(settings.api_url + call.path, encoded=True).with_query(query)
    secrets = (token, settings.secret, query["sign"], more.get(CIPHER, ""))
    return Request(
        call.what, call.method, url, headers, body or None, sending=call.sending, busy_is_503=True, secrets=secrets
    )


def read(response: Response, call: Call, token: str, secrets: tuple[str, ...], answer: type[Answer]) -> Answer:
    """The answer's data. Raises OutcomeUnknown, RetryLater, Refused, or what carries the code that was told."""
    try:
        fields = json_object(response.body)
        basic = _Basic.model_validate(fields)
    except (NotJson, ValidationError):
        if response.status >= 400:
            raise Refused(f"http_{response.status}") from None
        raise _unknown(call) from None
    if basic.code:
        raise _Told(basic.code, meant(basic.code, words(basic.message, secrets), token))
    try:
        return answer.model_validate(fields.get("data") or {})
    except ValidationError:
        raise _unknown(call) from None


def the_shop(settings: TikTokSettings, shops: Shops) -> Shop:
    """The one that is served. Raises Refused: the seller consented for none, or for others."""
    wanted = [shop for shop in shops.shops if settings.shop_id in {"", shop.id} and shop.cipher]
    if len(wanted) == 1:
        return wanted[0]
    several = "the consent is for several shops: set shop_id" if wanted else "the consent is not for this shop"
    raise Refused("shop_id", several, Refusal.ACCOUNT)


def _unknown(call: Call) -> SendError:
    """What it means that the call may have been taken and nobody can read what was said of it."""
    return OutcomeUnknown() if call.sending else RetryLater()
