"""From a message to the facts that the host acts on. Pure.

A buyer is their user name, or the id that the platform gives in its place; the conversation is the thread, so that an
answer goes where it was asked. Files that come with a message are messages of their own behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import Fact, InboundMessage
from yizhan.channels.ecommerce.attached import Attachment, shown
from yizhan.channels.ecommerce.ebay.pushes import Attached, Written
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Media, Text
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message

CONSOLE = "eBay Messages"
"""Whose words they are that were written at the platform itself."""

NOTHING = "[收到一条无法显示的消息]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it came in and when, and where ids come from."""

    workspace: str
    account: str
    received_at: datetime
    new_id: NewId


def whole(written: Written) -> bool:
    """Whether it says who wrote what; if not, the conversation has to be read."""
    return bool(written.sender and written.recipient and (written.body or written.media))


def is_for(written: Written, settings: EbaySettings) -> bool:
    """Whether the seller is one of the two."""
    return settings.is_seller(written.sender) or settings.is_seller(written.recipient)


def is_the_sellers(written: Written, settings: EbaySettings) -> bool:
    return settings.is_seller(written.sender)


def address_of(written: Written, settings: EbaySettings, place: Place) -> Address:
    """The other one, whoever of the two wrote."""
    buyer = written.recipient if is_the_sellers(written, settings) else written.sender
    return Address(place.workspace, CHANNEL, place.account, buyer, written.conversation_id)


def key_of(written: Written) -> str:
    return f"m:{written.message_id}"


def name_of(attached: Attached) -> str:
    return attached.name or attached.url.partition("?")[0].rpartition("/")[2][-100:] or "file"


def facts_of(
    written: Written, settings: EbaySettings, place: Place, stored: Sequence[Media | None] = ()
) -> tuple[Fact, ...]:
    """``stored``: the files of the message in their order, None for one that could not be had."""
    address = address_of(written, settings, place)
    if is_the_sellers(written, settings):
        author = Author(AuthorKind.AGENT, name=CONSOLE)
    else:
        author = Author(AuthorKind.CUSTOMER, address.customer)
    contents = _contents(written, stored)
    return tuple(
        InboundMessage(
            Message(
                id=place.new_id(),
                address=address,
                author=author,
                content=content,
                received_at=place.received_at,
                external_id=written.message_id,
                dedupe_key=key_of(written) + (f":{number}" if number else ""),
                sent_at=written.sent_at,
                customer_name=address.customer if author.kind is AuthorKind.CUSTOMER else "",
            )
        )
        for number, content in enumerate(contents)
    )


def _contents(written: Written, stored: Sequence[Media | None]) -> list[Content]:
    """The words first. The number of a part is the same however often the message is read."""
    words: list[Content] = [Text(written.body)] if written.body.strip() else []
    files: list[Content] = [_file(media) for media in stored]
    return words + files or [Text(NOTHING)]


def _file(media: Media | None) -> Content:
    is_picture = media is not None and media.mime_type.startswith("image/")
    return shown(Attachment.IMAGE if is_picture else Attachment.FILE, media)
