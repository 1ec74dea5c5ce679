"""From a message on the wire to what the customer sees."""

from typing import Any

from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.media import MediaShelf
from tests.simulators.wechat.records import Menu, MenuItem, Received, Via

Json = dict[str, Any]


def _bytes(media: MediaShelf, medium_id: Any) -> bytes | None:
    if not isinstance(medium_id, str) or not medium_id:
        return None
    try:
        return media.get(medium_id).data
    except ApiRefusal:
        return None


def of_passive(reply: Json, media: MediaShelf, at: float, index: int) -> Received:
    """A valid passive reply."""
    kind = str(reply["MsgType"])
    part = reply.get(kind.capitalize())
    part = part if isinstance(part, dict) else {}
    text = reply.get("Content") or part.get("Title", "")
    if kind == "news":
        text = reply["Articles"]["item"]["Title"]
    return Received(kind, str(text), _bytes(media, part.get("MediaId")), None, reply, "passive", at, index)


def of_call(body: Json, media: MediaShelf, via: Via, at: float, index: int) -> Received:
    """A valid message of custom/send, kf/send_msg or kf/send_msg_on_event."""
    kind = str(body["msgtype"])
    part: Json = body[kind]
    menu = menu_of(part) if kind == "msgmenu" else None
    text = part.get("content") or part.get("title") or part.get("name") or ""
    if kind == "news":
        text = part["articles"][0].get("title", "")
    return Received(
        kind, menu.head if menu else str(text), _bytes(media, part.get("media_id")), menu, body, via, at, index
    )


def of_template(body: Json, at: float, index: int) -> Received:
    """A template or subscription message: its values, line by line."""
    values = [str(entry.get("value", "")) for entry in body["data"].values()]
    return Received("template", "\n".join(values), None, None, body, "template", at, index)


def menu_of(part: Json) -> Menu:
    """公众号 lists ``{id, content}``, 微信客服 ``{type, click: {id, content}}``."""
    items = tuple(_item(entry) for entry in part.get("list", []))
    return Menu(str(part.get("head_content", "")), items, str(part.get("tail_content", "")))


def _item(entry: Json) -> MenuItem:
    kind = str(entry.get("type", "click"))
    inner = entry[kind] if "type" in entry else entry
    return MenuItem(str(inner.get("id", "")), str(inner["content"]), kind, str(inner.get("url", "")))
