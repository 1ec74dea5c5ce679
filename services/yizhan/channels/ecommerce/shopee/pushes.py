"""What a push of Shopee says. Source: reference E.5, and the vendor's page on webchat_push (April 2025).

A message has the same form in a push and in the log of a conversation, so that both are read by one model.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from yizhan.channels.contract import CallRefused
from yizhan.channels.ecommerce.reading import Id, MaybeId, NotJson, Seconds, Words, json_object


class PushCode(IntEnum):
    """Codes that something follows from. Others are answered and no more: 1 authorised, 3 order status, 4 tracking number,
    5 news, 15 shipping document, and whatever comes.
    """

    DEAUTHORISED = 2
    WEBCHAT = 10
    AUTHORISATION_ENDS = 12


TEXT: Final = "text"
FAQ: Final = "faq_liveagent"
"""The buyer asked the platform's own menu for a person; its words are what they pressed."""

PICTURE: Final = "image"
PICTURE_WITH_TEXT: Final = "image_with_text"
FILM: Final = "video"
BUNDLE: Final = "bundle_message"
"""Carries nothing but the ids of several messages."""

QUIET_NOTICES: Final = frozenset({"mark_as_replied"})
"""Notifications that bring no message; after others the conversation is read again."""

AUTOMATIC: Final = frozenset({"auto_reply", "offwork_autoreply"})
"""``status`` of what the platform said for the shop."""

AFFILIATE: Final = 11
"""``business_type`` of a conversation with an affiliate, who is no buyer."""


class Said(BaseModel):
    """The fields of every kind of content, each there for some. Addresses may be bare ids of files."""

    text: Words = ""
    url: Words = ""
    thumb_url: Words = ""
    image_url: Words = ""
    video_url: Words = ""
    item_id: MaybeId = ""
    order_sn: MaybeId = ""
    messages: tuple[MaybeId, ...] = ()


class ChatMessage(BaseModel):
    """``shop_id`` is the shop that the message went to; the fields ``…_shop_id`` say the same since April 2025."""

    message_id: Id
    conversation_id: Id
    message_type: str = Field("", max_length=60)
    content: dict[str, Any] | None = None
    from_id: MaybeId = ""
    to_id: MaybeId = ""
    from_user_name: Words = ""
    to_user_name: Words = ""
    from_shop_id: MaybeId = ""
    to_shop_id: MaybeId = ""
    shop_id: MaybeId = ""
    sub_account_id: MaybeId = ""
    sub_account_name: Words = ""
    status: MaybeId = ""
    business_type: int = 0
    region: str = ""
    created_timestamp: Seconds = 0

    @property
    def said(self) -> Said:
        """What cannot be read of it is empty."""
        try:
            return Said.model_validate(self.content or {})
        except ValidationError:
            return Said()

    def is_by(self, shop_id: str) -> bool:
        """Whether the shop wrote it; otherwise the buyer did."""
        if self.from_shop_id or self.to_shop_id:
            return self.from_shop_id == shop_id
        # Older pushes say only where it went, and which of the shop's people wrote.
        return self.shop_id != shop_id or self.sub_account_id not in {"", "0"}


class Notice(BaseModel):
    """Something happened in a conversation."""

    conversation_id: Id
    type: str = ""


class _Webchat(BaseModel):
    type: str
    content: dict[str, Any]


class _Envelope(BaseModel):
    code: int
    shop_id: MaybeId = ""
    timestamp: Seconds = 0
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ShopeePush:
    """``chat`` for code 10 alone, and there None for what is neither message nor notice."""

    code: int
    shop_id: str
    at: int
    chat: ChatMessage | Notice | None = None


def read_push(body: bytes) -> ShopeePush:
    """Raises CallRefused: 400 ``undecodable``."""
    try:
        return push_of(json_object(body))
    except NotJson:
        raise CallRefused(400, "undecodable") from None


def push_of(fields: dict[str, Any]) -> ShopeePush:
    """Raises CallRefused: 400 ``undecodable``."""
    try:
        envelope = _Envelope.model_validate(fields)
        chat = _chat(envelope) if envelope.code == PushCode.WEBCHAT and envelope.data else None
    except ValidationError:
        raise CallRefused(400, "undecodable") from None
    return ShopeePush(envelope.code, envelope.shop_id, envelope.timestamp, chat)


def _chat(envelope: _Envelope) -> ChatMessage | Notice | None:
    """Raises ValidationError."""
    webchat = _Webchat.model_validate(envelope.data)
    if webchat.type == "message":
        return ChatMessage.model_validate(webchat.content)
    return Notice.model_validate(webchat.content) if webchat.type == "notification" else None
