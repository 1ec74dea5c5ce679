"""What a push of TikTok Shop says. Source: reference E.3, "Webhook".

A message's ``content`` is JSON inside a string; what kind of object it is goes by the message's type.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from yizhan.channels.contract import CallRefused
from yizhan.channels.ecommerce.reading import Id, MaybeId, NotJson, Seconds, Words, json_object


class PushType(IntEnum):
    """Types that something follows from. Others are answered and no more: 1 ORDER_STATUS_CHANGE, 12 RETURN_STATUS_CHANGE,
    13 NEW_CONVERSATION (an agent joined or left), 33 NEW_MESSAGE_LISTENER (creators, not buyers) and whatever comes.
    """

    DEAUTHORISED = 6
    AUTHORISATION_ENDS = 7
    NEW_MESSAGE = 14


BUYER: Final = "BUYER"
SYSTEM: Final = "SYSTEM"
ROBOT: Final = "ROBOT"

PICTURE: Final = "IMAGE"
FILM: Final = "VIDEO"
FILES: Final = frozenset({PICTURE, FILM})
NOTICES: Final = frozenset({"ALLOCATED_SERVICE", "NOTIFICATION"})
"""Said by the platform about the conversation: who serves it, what it advises."""

CAME_FROM: Final = {
    "BUYER_ENTER_FROM_PRODUCT": "商品",
    "BUYER_ENTER_FROM_ORDER": "订单",
    "BUYER_ENTER_FROM_TRANSFER": "",
}
"""The buyer opened the chat, from what."""


class Sender(BaseModel):
    """``im_user_id`` is the shop's for SYSTEM and ROBOT too."""

    im_user_id: MaybeId = ""
    role: str = ""


class Said(BaseModel):
    """The fields of every kind of content, each there for some. Sizes come as text."""

    content: Words = ""
    url: str = ""
    vid: MaybeId = ""
    product_id: MaybeId = ""
    order_id: MaybeId = ""
    package_id: MaybeId = ""
    sku_id: MaybeId = ""
    coupon_id: MaybeId = ""


class MessagePush(BaseModel):
    """Type 14. ``is_visible`` False: nobody is shown it."""

    message_id: Id
    conversation_id: Id
    type: str = Field(max_length=60)
    content: str = ""
    create_time: Seconds = 0
    is_visible: bool = True
    sender: Sender = Field(default_factory=Sender)

    @property
    def said(self) -> Said:
        """What cannot be read of it is empty."""
        try:
            return Said.model_validate(json_object(self.content.encode(errors="replace")))
        except (NotJson, ValidationError):
            return Said()


class _Envelope(BaseModel):
    type: int
    shop_id: MaybeId = ""
    data: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TikTokPush:
    """``message`` for type 14 alone."""

    type: int
    shop_id: str
    message: MessagePush | None = None


def read_push(body: bytes) -> TikTokPush:
    """Raises CallRefused: 400 ``undecodable``."""
    try:
        envelope = _Envelope.model_validate(json_object(body))
        if envelope.type != PushType.NEW_MESSAGE:
            return TikTokPush(envelope.type, envelope.shop_id)
        message = MessagePush.model_validate(envelope.data)
    except (NotJson, ValidationError):
        raise CallRefused(400, "undecodable") from None
    return TikTokPush(envelope.type, envelope.shop_id, message)
