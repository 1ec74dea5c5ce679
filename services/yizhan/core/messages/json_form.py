"""Messages as JSON, for browsers: the widget's and the console's clients see contents in one form.

The form of each kind is described in ``docs/website-protocol.md``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from yizhan.core.messages.content import (
    Choice,
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Mail,
    Media,
    Menu,
    OrderCard,
    RefundCard,
    Text,
    TimelineEvent,
    Video,
    Voice,
)
from yizhan.core.messages.mail_page import with_links
from yizhan.core.messages.message import Author

MediaUrl = Callable[[Media], str]
"""Gives the address from which a browser may load a file."""

Json = dict[str, Any]


def author_json(author: Author) -> Json:
    return {"kind": author.kind.name.lower(), "name": author.name}


def moment(at: datetime) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def media_json(media: Media, media_url: MediaUrl) -> Json:
    shown: Json = {
        "id": media.media_id,
        "mime": media.mime_type,
        "name": media.name,
        "size": media.size_bytes,
        "width": media.width_px,
        "height": media.height_px,
        "url": media_url(media),
    }
    if media.duration_ms:
        shown["duration_ms"] = media.duration_ms
    if media.recognised:
        shown["recognised"] = media.recognised
    return shown


_MEDIA_NAMES: dict[type[Content], str] = {Image: "image", Voice: "voice", Video: "video", File: "file"}


def content_json(content: Content, media_url: MediaUrl) -> Json:
    match content:
        case Text(text, _, mail):
            shown: Json = {"type": "text", "text": text}
            return shown if mail is None else shown | {"mail": _mail_json(mail, media_url)}
        case Image(media) | Voice(media) | Video(media) | File(media):
            return {"type": _MEDIA_NAMES[type(content)], "media": media_json(media, media_url)}
        case Menu(menu_id, prompt, options):
            buttons = [{"id": option.id, "label": option.label} for option in options]
            return {"type": "menu", "menu_id": menu_id, "prompt": prompt, "options": buttons}
        case Choice(menu_id, option_id, label, comment):
            chosen: Json = {"type": "choice", "menu_id": menu_id, "option_id": option_id, "label": label}
            return chosen | {"comment": comment} if comment else chosen
        case Link(url, title, description):
            return {"type": "link", "url": url, "title": title, "description": description}
        case Location(latitude, longitude, label):
            return {"type": "location", "latitude": latitude, "longitude": longitude, "label": label}
        case TimelineEvent(code, text):
            return {"type": "event", "code": code, "text": text}
        case GoodsCard() | OrderCard() | LogisticsCard() | RefundCard():
            return _card_json(content)


def _mail_json(mail: Mail, media_url: MediaUrl) -> Json:
    """As agents see it; pictures elsewhere stay as they are kept, and are loaded only when a person asks for them."""
    return {
        "subject": mail.subject,
        "from": mail.sender,
        "to": list(mail.to),
        "cc": list(mail.cc),
        "full_text": mail.full_text,
        "html": with_links(mail.html, lambda media_id: media_url(Media(media_id, "image/*"))),
        "remote_images": mail.remote_images,
        "automatic": mail.automatic,
        "clipped": mail.clipped,
        "files": mail.files,
        "answers_to": mail.answers_to,
        "attachments": [media_json(media, media_url) for media in mail.attachments],
    }


def _card_json(card: GoodsCard | OrderCard | LogisticsCard | RefundCard) -> Json:
    match card:
        case GoodsCard():
            return {"type": "goods", **_goods_json(card)}
        case OrderCard(order_id, status, goods, total, currency, url):
            return {
                "type": "order",
                "order_id": order_id,
                "status": status,
                "goods": [_goods_json(item) for item in goods],
                "total_minor": total,
                "currency": currency,
                "url": url,
            }
        case LogisticsCard(order_id, carrier, number, steps, url):
            return {
                "type": "logistics",
                "order_id": order_id,
                "carrier": carrier,
                "tracking_number": number,
                "steps": [{"at": moment(step.at), "text": step.text} for step in steps],
                "url": url,
            }
        case RefundCard(refund_id, order_id, status, amount, currency, url):
            return {
                "type": "refund",
                "refund_id": refund_id,
                "order_id": order_id,
                "status": status,
                "amount_minor": amount,
                "currency": currency,
                "url": url,
            }


def _goods_json(card: GoodsCard) -> Json:
    return {
        "goods_id": card.goods_id,
        "title": card.title,
        "price_minor": card.price_minor,
        "currency": card.currency,
        "image_url": card.image_url,
        "url": card.url,
    }
