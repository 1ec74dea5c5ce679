"""Notifications and conversations as they are typed: a raw body is verified before anything here sees it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from yizhan.core.messages.half_characters import mended_json


class Unreadable(ValueError):
    """The body is not what it should be."""


class _Loose(BaseModel):
    """Ids are strings to us; what is null is as if it were not there, what is not known is left alone."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: Any, info: ValidationInfo) -> Any:
        known = cls.model_fields[info.field_name or ""]
        return known.default if value is None and not known.is_required() else value


class _Metadata(_Loose):
    topic: str = Field(min_length=1, max_length=100)


class _Notification(_Loose):
    notification_id: str = Field("", alias="notificationId", max_length=200)
    data: dict[str, Any] = {}


class Envelope(_Loose):
    metadata: _Metadata
    notification: _Notification


class Attached(_Loose):
    """``mediaType`` is IMAGE, PDF, DOC or TXT."""

    name: str = Field("", alias="mediaName", max_length=1000)
    kind: str = Field("", alias="mediaType", max_length=50)
    url: str = Field("", alias="mediaUrl", max_length=4000)


class Written(_Loose):
    """A message, as a push or a conversation tells it: pushes write UserName, conversations Username.

    All but the two ids may be missing in a push.
    """

    message_id: str = Field(alias="messageId", min_length=1, max_length=200)
    conversation_id: str = Field("", alias="conversationId", max_length=200)
    conversation_type: str = Field("", alias="conversationType")
    body: str = Field("", alias="messageBody")
    sender: str = Field("", alias="senderUsername", max_length=200)
    recipient: str = Field("", alias="recipientUsername", max_length=200)
    created: str = Field("", alias="createdDate", max_length=50)
    media: tuple[Attached, ...] = Field((), alias="messageMedia", max_length=20)

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {str(name).replace("UserName", "Username"): held for name, held in value.items()}

    @property
    def sent_at(self) -> datetime | None:
        return moment(self.created)


class Left(_Loose):
    """Who closed their account."""

    username: str = Field("", max_length=200)
    user_id: str = Field("", alias="userId", max_length=200)


class _Latest(_Loose):
    created: str = Field("", alias="createdDate", max_length=50)


class Conversation(_Loose):
    conversation_id: str = Field(alias="conversationId", min_length=1, max_length=200)
    latest: _Latest = Field(default_factory=_Latest, alias="latestMessage")

    @property
    def latest_at(self) -> datetime | None:
        return moment(self.latest.created)


@dataclass(frozen=True, slots=True)
class ConversationPage:
    conversations: tuple[Conversation, ...]
    total: int


class _Conversations(_Loose):
    conversations: tuple[Any, ...] = ()
    total: int = 0


class _Messages(_Loose):
    messages: tuple[Any, ...] = ()


def read_envelope(body: bytes) -> Envelope:
    """Raises Unreadable."""
    try:
        return Envelope.model_validate_json(mended_json(body))
    except (ValidationError, RecursionError) as error:
        raise Unreadable("not a notification") from error


def read_written(data: dict[str, Any]) -> Written:
    """Raises Unreadable."""
    try:
        written = Written.model_validate(data)
    except ValidationError as error:
        raise Unreadable("not a message") from error
    if not written.conversation_id:
        raise Unreadable("no conversation")
    return written


def read_left(data: dict[str, Any]) -> Left:
    """Raises Unreadable: nobody is named."""
    try:
        left = Left.model_validate(data)
    except ValidationError as error:
        raise Unreadable("nobody is named") from error
    if not left.username and not left.user_id:
        raise Unreadable("nobody is named")
    return left


def read_conversations(body: bytes) -> ConversationPage:
    """What can be read of a page. Raises Unreadable."""
    try:
        page = _Conversations.model_validate_json(mended_json(body))
    except (ValidationError, RecursionError) as error:
        raise Unreadable("not conversations") from error
    found = []
    for item in page.conversations:
        try:
            found.append(Conversation.model_validate(item))
        except ValidationError:
            continue
    return ConversationPage(tuple(found), page.total)


def read_messages(body: bytes, conversation_id: str) -> tuple[Written, ...]:
    """What can be read of a conversation, oldest first. Raises Unreadable."""
    try:
        items = _Messages.model_validate_json(mended_json(body)).messages
    except (ValidationError, RecursionError) as error:
        raise Unreadable("not messages") from error
    found = []
    for item in items:
        try:
            written = Written.model_validate(item)
        except ValidationError:
            continue
        found.append(written.model_copy(update={"conversation_id": conversation_id}))
    return tuple(sorted(found, key=lambda written: written.sent_at or datetime.min.replace(tzinfo=UTC)))


def moment(value: str) -> datetime | None:
    """A time as ``2026-11-20T10:12:13.000Z``; one without a zone is taken for UTC, as all the platform's are."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
