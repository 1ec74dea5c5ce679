"""What buyers can be shown, and messages as the platform takes them. Source: reference channels.md E.2."""

from collections.abc import Mapping

from yizhan.channels.contract import Abilities, Refusal, Refused
from yizhan.channels.ecommerce.ebay.facts import MAX_TEXT, MEDIA
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, File, Image, Media, Text, media_of

ABILITIES_KINDS = frozenset({Text, Image, File})


def takes(content: Content) -> bool:
    """Files of the four kinds that the platform names go as they are."""
    media = media_of(content)
    return media is None or media.mime_type in MEDIA


ABILITIES = Abilities(kinds=ABILITIES_KINDS, max_text=MAX_TEXT, takes=takes)
"""No window and no quota are published."""


def body_of(content: Content, address: Address, link: str) -> Mapping[str, object]:
    """The body of the call. ``link``: where the platform finds the file, which has to be https. Pure.

    Raises Refused for content that ``Abilities`` does not have.
    """
    to = {"conversationId": address.thread} if address.thread else {"otherPartyUsername": address.customer}
    match content:
        case Text(text):
            return {**to, "messageText": text}
        case Image(media) | File(media):
            # Words are required: without any the file's name stands there.
            return {**to, "messageText": _name(media), "messageMedia": [_attached(media, link)]}
        case _:
            raise Refused("", type(content).__name__, Refusal.BAD_CONTENT)


def _attached(media: Media, link: str) -> Mapping[str, str]:
    return {"mediaName": _name(media), "mediaType": MEDIA[media.mime_type], "mediaUrl": link}


def _name(media: Media) -> str:
    return media.name[-100:] or "file"
