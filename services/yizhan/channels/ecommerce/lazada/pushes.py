"""Pushes as they are typed: the raw body is verified before anything here sees it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from yizhan.core.messages.half_characters import mended_json

MILLISECONDS_FROM = 10**11
"""A time above this is in milliseconds: in seconds it would be the year 5138."""


class Unreadable(ValueError):
    """The body is no push."""


class _Loose(BaseModel):
    """Ids are strings to us, whether they come as numbers or not; what is not known is left alone."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class Envelope(_Loose):
    """``timestamp`` is seen in seconds and in milliseconds."""

    seller_id: str = Field(min_length=1)
    message_type: int
    data: dict[str, Any]
    timestamp: int = 0
    site: str = ""


class _Sparse(_Loose):
    """What is null is as if it were not there."""

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: Any, info: ValidationInfo) -> Any:
        known = cls.model_fields[info.field_name or ""]
        return known.default if value is None and not known.is_required() else value


class ChatMessage(_Sparse):
    """One message, of either side. ``status`` 1: it was taken back. ``process_msg``: why the buyer does not get to see it."""

    session_id: str = Field(min_length=1, max_length=120)
    message_id: str = Field(min_length=1, max_length=150)
    from_account_id: str = ""
    from_account_type: int
    to_account_id: str = ""
    content: str = ""
    send_time: int = 0
    template_id: int = 0
    type: int = 1
    process_msg: str = ""
    auto_reply: bool = False
    status: int = 0

    @field_validator("content", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """It is JSON in a string; a sample shows it unpacked."""
        return orjson.dumps(value).decode() if isinstance(value, dict) else value

    @property
    def sent_at(self) -> datetime | None:
        return moment(self.send_time)


class Said(_Sparse):
    """``content`` of a message: what the templates have, as far as it is known; memory but for text, picture and emoji."""

    txt: str = ""
    img_url: str = Field("", alias="imgUrl")
    width: int = 0
    height: int = 0
    item_id: str = Field("", alias="itemId")
    title: str = ""
    action_url: str = Field("", alias="actionUrl")
    order_id: str = Field("", alias="orderId")
    status: str = ""


class TokenEnds(_Sparse):
    """The seller's consent comes to an end."""

    auth_expiry_time: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """A push, and what it says where it is a message (``None``: another kind)."""

    envelope: Envelope
    message: ChatMessage | None = None


def read_push(body: bytes, message_type: int) -> Read:
    """Raises Unreadable."""
    try:
        envelope = Envelope.model_validate_json(mended_json(body))
        if envelope.message_type != message_type:
            return Read(envelope)
        return Read(envelope, ChatMessage.model_validate(envelope.data))
    except (ValidationError, RecursionError) as error:
        raise Unreadable("not a push") from error


def said(message: ChatMessage) -> Said | None:
    """What the message holds; None: it cannot be read."""
    try:
        return Said.model_validate_json(mended_json(message.content.encode()))
    except (ValidationError, RecursionError):
        return None


def token_ends(envelope: Envelope) -> datetime | None:
    """When the seller's consent ends; None: it does not say."""
    try:
        return moment(TokenEnds.model_validate(envelope.data).auth_expiry_time)
    except ValidationError:
        return None


def moment(value: int) -> datetime | None:
    """A time in seconds or in milliseconds; None: there is none."""
    if value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value >= MILLISECONDS_FROM else value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
