"""Files that come with buyers' messages: tried for a while, and told in words where they cannot be had."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import Enum

from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.platform import Files
from yizhan.core.messages.content import Content, File, Image, Media, Text, Video, Voice

FETCH_PAUSES = (0.5, 2.0, 5.0)
"""Between tries, seconds. After them the message goes without its file: it must not be lost for a picture."""


class Attachment(Enum):
    """What a buyer sent, and what it is called where it cannot be had."""

    IMAGE = (Image, "图片")
    VOICE = (Voice, "语音")
    VIDEO = (Video, "视频")
    FILE = (File, "文件")


def shown(kind: Attachment, media: Media | None) -> Content:
    """The content of a message whose file was fetched, or was not."""
    make, name = kind.value
    return make(media) if media is not None else Text(f"[收到{name}，但未能取回]")


def unknown_words(kind: str) -> Text:
    """What stands for a message of a kind that is not known. ``kind`` is the platform's own name for it, cut short."""
    return Text(f"[收到一条无法显示的消息：{kind[:40]}]")


async def fetched(
    files: Files,
    url: str,
    name: str,
    hosts: Collection[str],
    headers: Mapping[str, str] | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Media | None:
    """The file, tried again for a while; None: it cannot be had. Belongs into ``Push.finish``."""
    for pause in (*FETCH_PAUSES, None):
        try:
            return await files.fetch(url, name, hosts, headers or {})
        except RetryLater:
            if pause is not None:
                await sleep(pause)
    return None
