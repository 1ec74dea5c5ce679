"""What requests of apps are answered, as the API's document tells it. A test holds real answers against it."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Agent(_Answer):
    """The human who serves."""

    name: str


class Author(_Answer):
    """``kind``: customer, bot, agent or system."""

    kind: str
    name: str


class StoredFile(_Answer):
    """``url`` is signed and ends."""

    id: str
    mime: str
    name: str
    size: int
    width: int
    height: int
    url: str


class MessageSeen(_Answer):
    """``content`` by its ``type``, as the website protocol describes each."""

    seq: int
    id: str
    author: Author
    content: dict[str, Any]
    sent_at: str
    session: int
    epoch: int
    client_id: str | None = None


class MessagePage(_Answer):
    """Oldest first; ``more``: there are further ones in that direction."""

    messages: list[MessageSeen]
    head: int
    more: bool
    state: str
    agent: Agent | None
    delivered: int
    read: int
    unread: int


class MessageSent(_Answer):
    message_id: str
    received_at: str


class FileStored(_Answer):
    media: StoredFile


class AccountShown(_Answer):
    name: str
    locale: str


class LimitsShown(_Answer):
    text_chars: int
    file_bytes: int
    image_bytes: int
    sends_per_minute: int


class ConversationShown(_Answer):
    """``unread``: messages to the customer after ``read``, as of ``head``."""

    customer_id: str
    head: int
    state: str
    agent: Agent | None
    delivered: int
    read: int
    unread: int
    account: AccountShown
    limits: LimitsShown
    version: int
