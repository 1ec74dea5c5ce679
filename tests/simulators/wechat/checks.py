"""Whether a message that an account wants to send is one. Source: reference channels.md A.7, A.13, B and C.3."""

import re
from collections.abc import Callable
from typing import Any

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal
from tests.simulators.wechat.media import MediaShelf

Json = dict[str, Any]
TEXT_BYTES = 2048
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")


def refuse_escapes(raw: bytes) -> None:
    """JSON must carry characters as UTF-8; only control characters need an escape."""
    if _ESCAPE.search(raw):
        raise ApiRefusal(codes.ESCAPED_CONTENT, "invalid charset. please check your request, if include \\uxxxx")


def part_of(body: Json, known: frozenset[str]) -> tuple[str, Json]:
    """The msgtype and its object. Raises ApiRefusal."""
    kind = body.get("msgtype")
    if kind not in known:
        raise ApiRefusal(codes.BAD_MSGTYPE, "invalid message type")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise ApiRefusal(codes.MALFORMED, f"{kind} object missing")
    return kind, part


def check_part(kind: str, part: Json, media: MediaShelf) -> None:
    """Raises ApiRefusal when the object of a message is not complete, too long, or names media that are not there."""
    check = _CHECKS.get(kind)
    if check:
        check(kind, part, media)


def _text(_kind: str, part: Json, _media: MediaShelf) -> None:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise ApiRefusal(codes.EMPTY_CONTENT, "empty content")
    if len(content.encode()) > TEXT_BYTES:
        raise ApiRefusal(codes.TOO_LONG, "content size out of limit")


def _medium(kind: str, part: Json, media: MediaShelf) -> None:
    _known(part, "media_id", kind, media)
    if kind == "video" and part.get("thumb_media_id"):
        _known(part, "thumb_media_id", "thumb", media)


def _thumbed(_kind: str, part: Json, media: MediaShelf) -> None:
    _required(part, "title")
    _known(part, "thumb_media_id", "", media)


def _mini_program(_kind: str, part: Json, media: MediaShelf) -> None:
    _required(part, "title", "pagepath")
    _known(part, "thumb_media_id", "", media)


def _news(_kind: str, part: Json, _media: MediaShelf) -> None:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise ApiRefusal(codes.INVALID_CONTENT, "articles missing")
    if len(articles) > 1:
        raise ApiRefusal(codes.TOO_MANY_ARTICLES, "article size out of limit")
    _required(articles[0], "title", "url")


def _link(_kind: str, part: Json, _media: MediaShelf) -> None:
    _required(part, "title", "url")


def _menu(_kind: str, part: Json, _media: MediaShelf) -> None:
    items = part.get("list")
    if not isinstance(items, list) or not items:
        raise ApiRefusal(codes.INVALID_CONTENT, "menu list missing")
    for item in items:
        inner = item.get(item["type"]) if isinstance(item, dict) and "type" in item else item
        if not isinstance(inner, dict):
            raise ApiRefusal(codes.INVALID_CONTENT, "menu item without its object")
        _required(inner, "content")


def _location(_kind: str, part: Json, _media: MediaShelf) -> None:
    if not all(isinstance(part.get(name), (int, float)) for name in ("latitude", "longitude")):
        raise ApiRefusal(codes.INVALID_CONTENT, "latitude or longitude missing")


def _required(part: Json, *names: str) -> None:
    for name in names:
        if not isinstance(part.get(name), str) or not part[name]:
            raise ApiRefusal(codes.INVALID_CONTENT, f"{name} missing")


def _known(part: Json, name: str, kind: str, media: MediaShelf) -> None:
    media.get(str(part.get(name, "")), frozenset({kind}) if kind else frozenset())


_CHECKS: dict[str, Callable[[str, Json, MediaShelf], None]] = {
    "text": _text,
    "image": _medium,
    "voice": _medium,
    "video": _medium,
    "file": _medium,
    "music": _thumbed,
    "news": _news,
    "link": _link,
    "msgmenu": _menu,
    "miniprogrampage": _mini_program,
    "miniprogram": _mini_program,
    "location": _location,
}
