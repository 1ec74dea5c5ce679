"""What a customer or a servicer said, by kind of message: its content, or the file that is to be fetched for it.

Source: reference C.2; the fields of the kinds that show something of WeChat's own (shops, channels, merged records) from
memory, so that each is read only where it is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.fields import Fields
from yizhan.core.messages.content import Content, File, Image, Link, Location, Media, Text, Video, Voice
from yizhan.core.messages.half_characters import mended_json

FILES: Mapping[str, str] = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件"}
"""Kinds of messages that are a file, and what each is called."""

MOST_LINES = 50
MOST_CHARS = 4000
"""Of a merged record of a chat."""


@dataclass(frozen=True, slots=True)
class Said:
    """Either ``content``, or the file ``media_id`` of the kind ``file``. ``pressed``: the id of a menu's option."""

    content: Content | None = None
    pressed: str = ""
    file: str = ""
    media_id: str = ""


def said_of(kind: str, part: Fields) -> Said:
    """The message of one kind. A kind that is not known becomes words that say so. Raises CallRefused."""
    if kind in FILES:
        return Said(file=kind, media_id=part.id("media_id"))
    if kind == "text":
        return Said(Text(part.text_or_empty("content") or unshown(kind)), part.text_or_empty("menu_id"))
    read = _KINDS.get(kind)
    return Said(read(part) if read else Text(unshown(kind)))


def with_file(said: Said, stored: Media | None) -> Content:
    """The content of what was said; where its file could not be had, words that say so."""
    if said.content is not None:
        return said.content
    if stored is None:
        return Text(f"[收到{FILES[said.file]}，但未能取回]")
    kind, of = _MEDIA[said.file]
    return kind(stored) if stored.mime_type.startswith(of) else File(stored)


def unshown(kind: str) -> str:
    """What is read instead of a message that cannot be shown."""
    return f"[收到一条无法显示的消息：{kind}]" if kind else "[收到一条无法显示的消息]"


_MEDIA: Mapping[str, tuple[Callable[[Media], Content], str]] = {
    "image": (Image, "image/"),
    "voice": (Voice, "audio/"),
    "video": (Video, "video/"),
    "file": (File, ""),
}


def _location(part: Fields) -> Content:
    label = " ".join(filter(None, (part.text_or_empty("name"), part.text_or_empty("address"))))
    return Location(part.decimal("latitude", 90), part.decimal("longitude", 180), label)


def _link(part: Fields) -> Content:
    return Link(part.text("url"), part.text_or_empty("title"), part.text_or_empty("desc"))


def _mini_program(part: Fields) -> Content:
    # What it shows has no address on the web: the title and the page say to an agent what is meant.
    page = part.text_or_empty("pagepath")
    return Link("", part.text_or_empty("title") or "小程序", f"小程序页面 {page}".strip())


def _menu(part: Fields) -> Content:
    labels = [_label(entry) for entry in part.parts("list")]
    lines = (part.text_or_empty("head_content"), *labels, part.text_or_empty("tail_content"))
    return Text("\n".join(filter(None, lines)) or unshown("msgmenu"))


def _label(entry: Fields) -> str:
    return entry.part(entry.text_or_empty("type")).text_or_empty("content")


def _merged(part: Fields) -> Content:
    """A record of a chat that the customer passed on."""
    lines = [_merged_line(entry) for entry in part.parts("item")[:MOST_LINES]]
    return Text("\n".join((f"[聊天记录] {part.text_or_empty('title')}".strip(), *lines))[:MOST_CHARS])


def _merged_line(entry: Fields) -> str:
    kind = entry.text_or_empty("msgtype")
    try:
        inner = orjson.loads(mended_json(entry.text_or_empty("msg_content").encode("utf-8", "replace")))
        text = Fields(inner).part("text").text_or_empty("content") if isinstance(inner, dict) else ""
    except (orjson.JSONDecodeError, CallRefused):
        text = ""
    said = text or (f"[{FILES[kind]}]" if kind in FILES else f"[{kind}]")
    return f"{entry.text_or_empty('sender_name')}: {said}"


def _named(name: str, *fields: str) -> Callable[[Fields], Content]:
    """Words: what it is, and what of it people can read."""

    def read(part: Fields) -> Content:
        return Text(" ".join(filter(None, (f"[{name}]", *(part.text_or_empty(field) for field in fields)))))

    return read


_KINDS: Mapping[str, Callable[[Fields], Content]] = {
    "location": _location,
    "link": _link,
    "miniprogram": _mini_program,
    "msgmenu": _menu,
    "merged_msg": _merged,
    "business_card": _named("名片", "userid"),
    "channels_shop_product": _named("视频号商品", "title", "sales_price", "shop_nickname", "product_id"),
    "channels_shop_order": _named("视频号订单", "order_id", "product_titles", "price_wording", "state"),
    "channels": _named("视频号", "nickname", "title"),
    "meeting": _named("会议", "title"),
    "schedule": _named("日程", "title"),
    "note": _named("笔记", "title"),
}
