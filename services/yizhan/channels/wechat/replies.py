"""What stands in the answer to a push when a message to the customer goes with it. Source: reference A.6 and B.

wechatpy writes the XML; it escapes nothing, so that texts are made fit for CDATA before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from wechatpy.replies import (
    ArticlesReply,
    ImageReply,
    TextReply,
    TransferCustomerServiceReply,
    VideoReply,
    VoiceReply,
)

from yizhan.channels.contract import Answer
from yizhan.channels.wechat.crypto import Random
from yizhan.channels.wechat.envelope import Form, Opened, Settings, seal_reply
from yizhan.channels.wechat.reply_xml import cdata

SUCCESS: Final = Answer(b"success")
"""Received, nothing to say. Never encrypted; the platform does not come again and tells the customer nothing."""

MAX_REPLY_BYTES: Final = 2048
"""Of one text, in UTF-8 (reference A.4)."""

BETWEEN: Final = "\n\n"
"""Between texts that go out as one."""


@dataclass(frozen=True, slots=True)
class TextOut:
    text: str


@dataclass(frozen=True, slots=True)
class ImageOut:
    """``media_id`` here and below is WeChat's, of an uploaded file."""

    media_id: str


@dataclass(frozen=True, slots=True)
class VoiceOut:
    media_id: str


@dataclass(frozen=True, slots=True)
class VideoOut:
    media_id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ArticleOut:
    """A picture, a title and a text that open ``url``. The platform takes one in answer to a customer's message."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class TransferOut:
    """WeChat's own desk goes on with the customer."""


Out = TextOut | ImageOut | VoiceOut | VideoOut | ArticleOut | TransferOut


@dataclass(frozen=True, slots=True)
class Ends:
    """Who is answered (``customer``, sender of the push) and as whom (``account``, its receiver)."""

    customer: str
    account: str


def answer_with(settings: Settings, opened: Opened, ends: Ends, out: Out, at: datetime, random: Random) -> Answer:
    """The answer to a push that carries a message: in the push's form, encrypted if the push was."""
    if opened.form is Form.JSON:
        text, content_type = _json(ends, out, at), "application/json"
    else:
        text, content_type = _xml(ends, out, at), "application/xml"
    return Answer(seal_reply(settings, opened, text, at, random), content_type)


def fitting(texts: Sequence[str]) -> int:
    """How many of these texts, from the first on, go out as one; at least 1 where there is any."""
    used = 0
    for number, text in enumerate(texts):
        used += len(text.encode(errors="replace")) + (len(BETWEEN) if number else 0)
        if used > MAX_REPLY_BYTES:
            return max(1, number)
    return len(texts)


def merged(texts: Sequence[str]) -> TextOut:
    """Several texts as one."""
    return TextOut(BETWEEN.join(texts))


def _xml(ends: Ends, out: Out, at: datetime) -> str:
    xml: str = _reply(out)(**_head(ends, at), **_parts(out)).render()
    return xml


def _head(ends: Ends, at: datetime) -> Mapping[str, Any]:
    return {"target": cdata(ends.customer), "source": cdata(ends.account), "time": int(at.timestamp())}


def _reply(out: Out) -> Any:
    return _REPLIES[type(out)]


def _parts(out: Out) -> Mapping[str, Any]:
    match out:
        case TextOut(text):
            return {"content": cdata(text)}
        case ImageOut(media_id):
            return {"image": cdata(media_id)}
        case VoiceOut(media_id):
            return {"voice": cdata(media_id)}
        case VideoOut(media_id, title, description):
            texts = {"title": cdata(title), "description": cdata(description)}
            return {"video": {"media_id": cdata(media_id), **{name: text for name, text in texts.items() if text}}}
        case ArticleOut(title, url, description, picture_url):
            article = {"title": title, "description": description, "image": picture_url, "url": url}
            return {"articles": [{name: cdata(text) for name, text in article.items()}]}
        case TransferOut():
            return {}


_REPLIES: Mapping[type[Out], Any] = {
    TextOut: TextReply,
    ImageOut: ImageReply,
    VoiceOut: VoiceReply,
    VideoOut: VideoReply,
    ArticleOut: ArticlesReply,
    TransferOut: TransferCustomerServiceReply,
}


def _json(ends: Ends, out: Out, at: datetime) -> str:
    """The same fields as in XML. The reference shows this for the transfer only; for the rest it follows from the form."""
    head = {"ToUserName": ends.customer, "FromUserName": ends.account, "CreateTime": int(at.timestamp())}
    kind: str = _reply(out).type
    return orjson.dumps({**head, "MsgType": kind, **_json_parts(out)}).decode()


def _json_parts(out: Out) -> Mapping[str, Any]:
    match out:
        case TextOut(text):
            return {"Content": text}
        case ImageOut(media_id):
            return {"Image": {"MediaId": media_id}}
        case VoiceOut(media_id):
            return {"Voice": {"MediaId": media_id}}
        case VideoOut(media_id, title, description):
            return {"Video": {"MediaId": media_id, "Title": title, "Description": description}}
        case ArticleOut(title, url, description, picture_url):
            article = {"Title": title, "Description": description, "PicUrl": picture_url, "Url": url}
            return {"ArticleCount": 1, "Articles": [article]}
        case TransferOut():
            return {}
