"""What a push of 微信小店 says. Source: reference E.1, A.1, A.2.

A shop has one address for everything. Pushes are JSON and always encrypted; what is told apart by is ``Event``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from yizhan.channels.contract import CallRefused
from yizhan.channels.ecommerce.reading import Id, MaybeId, NotJson, Seconds, Words, json_object
from yizhan.channels.ecommerce.weixin_shop.crypto import Undecryptable, decrypt, is_signed
from yizhan.channels.ecommerce.weixin_shop.settings import WeixinShopSettings

MESSAGE: Final = "commkf_send_msg_to_kf"
"""A buyer wrote. Others (orders: channels_ec_order_new, …_pay, …_deliver and more) are answered and no more."""

WRITTEN: Final = frozenset({"", "EVENT_TYPE_SEND_MSG"})
"""``msg_event`` of what was written."""


class Said(BaseModel):
    """The fields of every kind of content, each there for some."""

    content: Words = ""
    cos_url: str = ""
    order_id: MaybeId = ""
    product_id: MaybeId = ""


class BuyerMessage(BaseModel):
    """The object with what was said is named like ``msg_type``."""

    openid: Id = Field(alias="FromUserName")
    at: Seconds = Field(0, alias="CreateTime")
    msg_id: Id
    msg_type: str = Field(min_length=1, max_length=60)
    msg_event: str = ""
    said: Said = Field(default_factory=Said)


@dataclass(frozen=True, slots=True)
class WeixinPush:
    """``message`` where a buyer wrote."""

    event: str
    message: BuyerMessage | None = None


class _Head(BaseModel):
    event: str = Field("", alias="Event")


class _Envelope(BaseModel):
    sealed: str = Field("", alias="Encrypt")


def address_answer(settings: WeixinShopSettings, query: Mapping[str, str]) -> bytes:
    """What the platform wants to read when the address is entered. Raises CallRefused: 401 ``bad_signature``."""
    token = settings.token.get_secret_value()
    if not is_signed(query.get("signature", ""), token, query.get("timestamp", ""), query.get("nonce", "")):
        raise CallRefused(401, "bad_signature")
    return query.get("echostr", "").encode(errors="replace")


def open_push(settings: WeixinShopSettings, query: Mapping[str, str], body: bytes) -> WeixinPush:
    """Verified, decrypted, read. Raises CallRefused: 401 ``bad_signature``, 400 ``undecodable`` or ``undecryptable``."""
    try:
        sealed = _Envelope.model_validate(json_object(body)).sealed
    except (NotJson, ValidationError):
        raise CallRefused(400, "undecodable") from None
    parts = (settings.token.get_secret_value(), query.get("timestamp", ""), query.get("nonce", ""), sealed)
    if not is_signed(query.get("msg_signature", ""), *parts):
        raise CallRefused(401, "bad_signature")
    try:
        clear = decrypt(settings.aes_keys, settings.app_id, sealed)
    except Undecryptable:
        raise CallRefused(400, "undecryptable") from None
    return read_push(clear)


def read_push(clear: bytes) -> WeixinPush:
    """Raises CallRefused: 400 ``undecodable``."""
    try:
        fields = json_object(clear)
        event = _Head.model_validate(fields).event
        if event != MESSAGE:
            return WeixinPush(event)
        message = BuyerMessage.model_validate(fields)
    except (NotJson, ValidationError):
        raise CallRefused(400, "undecodable") from None
    said = _said(fields.get(message.msg_type))
    return WeixinPush(event, message.model_copy(update={"said": said}))


def _said(value: Any) -> Said:
    """What cannot be read of it is empty."""
    try:
        return Said.model_validate(value)
    except ValidationError:
        return Said()
