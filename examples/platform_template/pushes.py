"""What the platform pushes, typed; and what it means. Pure: no call is made here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.channels.contract import CallRefused, Fact, InboundMessage
from yizhan.channels.ecommerce.attached import unknown_words
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Text
from yizhan.core.messages.half_characters import mended_json
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message


class Said(BaseModel):
    """``time`` in seconds since 1970."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    message_id: str
    buyer_id: str
    from_: Literal["buyer", "seller"] = "buyer"
    kind: str = "text"
    text: str = ""
    time: int


@dataclass(frozen=True, slots=True)
class Place:
    workspace: str
    account: str
    now: datetime
    new_id: NewId


def read(body: bytes) -> Said:
    """Raises CallRefused: it is no push that the platform's documentation knows."""
    try:
        return Said.model_validate_json(mended_json(body))
    except ValidationError:
        raise CallRefused(422, "unreadable") from None


def address_of(said: Said, place: Place) -> Address:
    return Address(place.workspace, CHANNEL, place.account, said.buyer_id)


def facts_of(said: Said, place: Place) -> tuple[Fact, ...]:
    """A message of a kind that is not known is still a message."""
    address = address_of(said, place)
    content: Content = Text(said.text) if said.kind == "text" and said.text else unknown_words(said.kind)
    message = Message(
        id=place.new_id(),
        address=address,
        author=Author(AuthorKind.CUSTOMER, address.customer),
        content=content,
        received_at=place.now,
        external_id=said.message_id,
        dedupe_key=f"template:{said.message_id}",
        sent_at=datetime.fromtimestamp(said.time, UTC),
    )
    return (InboundMessage(message),)
