"""What clients see: frames and messages as JSON."""

from dataclasses import dataclass
from typing import Any

import orjson

from yizhan.core.messages.json_form import Json, MediaUrl, author_json, content_json, media_json, moment
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import ReceiptState

__all__ = [
    "Json",
    "MediaUrl",
    "Outgoing",
    "author_json",
    "content_json",
    "frame",
    "media_json",
    "message_frame",
    "message_json",
    "moment",
    "receipt_name",
]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One frame for clients, encoded once for all of them. ``seq`` is a message's, 0 for every other frame."""

    type: str
    data: bytes
    seq: int = 0


def frame(type: str, **members: Any) -> Outgoing:
    return Outgoing(type, orjson.dumps({"type": type, **members}))


def message_frame(message: Message, media_url: MediaUrl) -> Outgoing:
    data = orjson.dumps({"type": "message", "message": message_json(message, media_url)})
    return Outgoing("message", data, message.seq)


def message_json(message: Message, media_url: MediaUrl) -> Json:
    shown: Json = {
        "seq": message.seq,
        "id": message.id,
        "author": author_json(message.author),
        "content": content_json(message.content, media_url),
        "sent_at": moment(message.received_at),
        "session": message.session,
        "epoch": message.epoch,
    }
    if message.author.kind is AuthorKind.CUSTOMER and message.external_id:
        shown["client_id"] = message.external_id
    return shown


def receipt_name(state: ReceiptState) -> str:
    return state.name.lower()
