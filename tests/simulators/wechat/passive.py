"""Judging what a webhook answers to a push. Source: reference channels.md A.2, A.3 and A.6."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.simulators.wechat import xml_form
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.crypto import BadCiphertext, PushCipher, sign
from tests.simulators.wechat.media import MediaShelf

Json = dict[str, Any]
Mode = Literal["plain", "compatible", "safe"]
DataFormat = Literal["xml", "json"]
TEXT_BYTES = 2048
NOTHING_TO_SAY = (b"", b"success")
TRANSFER = "transfer_customer_service"
_MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}


class _Wrong(Exception):
    """The answer is not valid; the argument says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``problem`` is empty for a valid answer; ``reply`` is the passive reply, None when nothing is said."""

    problem: str
    reply: Json | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the push was, as far as the answer must fit to it. ``cipher`` is that of the key that sealed the push."""

    openid: str
    original_id: str
    token: str
    nonce: str
    mode: Mode
    data_format: DataFormat
    cipher: PushCipher | None
    only_transfer: bool


def judge(asked: Asked, media: MediaShelf, status: int, body: bytes) -> Verdict:
    """The platform's view of an answer."""
    if status != 200:
        return Verdict(f"HTTP status {status}")
    if body in NOTHING_TO_SAY:
        return Verdict("")
    try:
        reply = _opened(asked, _read(asked.data_format, body))
        _check_addresses(asked, reply)
        _check_content(asked, media, reply)
    except (_Wrong, xml_form.BadXml, BadCiphertext, ApiRefusal, ValueError) as error:
        return Verdict(f"{type(error).__name__.strip('_')}: {error}")
    return Verdict("", reply)


def judge_hint(status: int, body: bytes) -> Verdict:
    """WeCom expects only a receipt."""
    if status != 200:
        return Verdict(f"HTTP status {status}")
    return Verdict("" if body in NOTHING_TO_SAY else "a callback of WeCom is answered with nothing")


def _read(data_format: DataFormat, body: bytes) -> Json:
    text = body.decode()
    if data_format == "xml":
        return xml_form.parse(text)
    found = json.loads(text)
    if not isinstance(found, dict):
        raise _Wrong("not a JSON object")
    return found


def _opened(asked: Asked, answer: Json) -> Json:
    if "Encrypt" not in answer:
        if asked.mode == "safe":
            raise _Wrong("in safe mode a reply is encrypted")
        return answer
    if asked.cipher is None:
        raise _Wrong("in plain mode a reply is not encrypted")
    _check_seal(asked, answer)
    return _read(asked.data_format, asked.cipher.decrypt(str(answer["Encrypt"])).encode())


def _check_seal(asked: Asked, answer: Json) -> None:
    for name in ("MsgSignature", "TimeStamp", "Nonce"):
        if not answer.get(name):
            raise _Wrong(f"an encrypted reply needs {name}")
    timestamp, nonce = str(answer["TimeStamp"]), str(answer["Nonce"])
    if not timestamp.isdigit():
        raise _Wrong("TimeStamp is not a number")
    if nonce != asked.nonce:
        raise _Wrong("Nonce is not that of the push")
    if answer["MsgSignature"] != sign(asked.token, timestamp, nonce, str(answer["Encrypt"])):
        raise _Wrong("MsgSignature does not fit")


def _check_addresses(asked: Asked, reply: Json) -> None:
    if reply.get("ToUserName") != asked.openid:
        raise _Wrong("ToUserName is not the customer")
    if reply.get("FromUserName") != asked.original_id:
        raise _Wrong("FromUserName is not the account's original id")
    if not str(reply.get("CreateTime", "")).isdigit():
        raise _Wrong("CreateTime is not a whole number")


def _check_content(asked: Asked, media: MediaShelf, reply: Json) -> None:
    kind = reply.get("MsgType")
    if kind == TRANSFER:
        return
    if asked.only_transfer:
        raise _Wrong("a mini-program takes no passive reply but transfer_customer_service")
    check = _CHECKS.get(str(kind))
    if check is None:
        raise _Wrong(f"MsgType {kind!r} is unknown")
    check(media, reply)


def _check_text(_media: MediaShelf, reply: Json) -> None:
    content = reply.get("Content")
    if not isinstance(content, str) or not content:
        raise _Wrong("a text without Content")
    if len(content.encode()) > TEXT_BYTES:
        raise _Wrong(f"Content is over {TEXT_BYTES} bytes")


def _check_medium(media: MediaShelf, reply: Json) -> None:
    kind = str(reply["MsgType"])
    part = reply.get(_MEDIA[kind])
    if not isinstance(part, dict) or not part.get("MediaId"):
        raise _Wrong(f"{kind} without its MediaId")
    media.get(str(part["MediaId"]), frozenset({kind}))


def _check_music(media: MediaShelf, reply: Json) -> None:
    part = reply.get("Music")
    if not isinstance(part, dict) or not part.get("ThumbMediaId"):
        raise _Wrong("music without its ThumbMediaId")
    media.get(str(part["ThumbMediaId"]), frozenset({"thumb"}))


def _check_news(_media: MediaShelf, reply: Json) -> None:
    articles = reply.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else None
    if not isinstance(items, dict):
        raise _Wrong("news has exactly one article")
    if str(reply.get("ArticleCount")) != "1":
        raise _Wrong("ArticleCount does not fit")
    if not items.get("Title"):
        raise _Wrong("an article without Title")


_CHECKS: dict[str, Callable[[MediaShelf, Json], None]] = {
    "text": _check_text,
    "image": _check_medium,
    "voice": _check_medium,
    "video": _check_medium,
    "music": _check_music,
    "news": _check_news,
}
