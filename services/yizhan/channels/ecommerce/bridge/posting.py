"""A message to a buyer as it is posted to the connector: signed, and known by an id that every repetition has."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from yarl import URL

from yizhan.channels.ecommerce.bridge.settings import BridgeSettings
from yizhan.channels.ecommerce.platform import Request
from yizhan.channels.menus import option_code
from yizhan.core.messages.content import Media, Menu
from yizhan.core.messages.json_form import author_json, content_json, moment
from yizhan.core.messages.message import Message
from yizhan.core.security.webhook_signing import signed_headers


def posted(
    settings: BridgeSettings, message: Message, part: int, *, at: datetime, link: Callable[[Media], str]
) -> Request:
    """The call. The same part of the same message has the same id and the same body, whenever it is posted."""
    key = f"{message.id}:{part}"
    body = orjson.dumps(_body(message, part, link))
    headers = {
        **signed_headers(settings.keys, key, at, body),
        "Idempotency-Key": key,
        "Content-Type": "application/json; charset=utf-8",
    }
    return Request(
        "message",
        "POST",
        URL(settings.callback_url),
        headers=headers,
        body=body,
        sending=True,
        busy_is_503=True,
        secrets=settings.keys,
    )


def _body(message: Message, part: int, link: Callable[[Media], str]) -> dict[str, Any]:
    return {
        "type": "message",
        "message_id": message.id,
        "part": part,
        "account": message.address.account,
        "buyer": {"id": message.address.customer},
        "thread": message.address.thread,
        "author": author_json(message.author),
        "content": _content(message, link),
        "said_at": moment(message.decided_at or message.received_at),
    }


def _content(message: Message, link: Callable[[Media], str]) -> dict[str, Any]:
    """As everywhere else; but an option has the short id that comes back when it is pressed."""
    shown = content_json(message.content, link)
    if isinstance(message.content, Menu):
        shown["options"] = [
            {"id": option_code(message.id, number), "label": option.label}
            for number, option in enumerate(message.content.options, 1)
        ]
    return shown
