"""The named fields of a push, XML or JSON, as text and numbers: what is missing or of another kind is refused."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from xml.parsers.expat import ExpatError

import orjson
from wechatpy.parser import parse_message

from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.envelope import Form, Opened
from yizhan.core.messages.half_characters import MARK, mended_json

MAX_ID_CHARS: Final = 128
"""OpenIDs, account ids and message ids have 20 to 40."""

LATEST_SECONDS: Final = 4_102_444_800
"""The year 2100: a time after it is none, and reckoning with it could overflow."""

_STARTS_AS_XML = re.compile(r"\s*+(?:<\?xml[^<>]*>\s*+)?<xml[\s/>]")
"""Nothing but a declaration stands before the root, so that there is no document type and no entity."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Customers' keyboards do produce these; XML parsers take none of them, some databases no NUL."""

_DIGITS = re.compile(r"[0-9]{1,20}")

_SCENE = "qrscene_"


class Fields:
    """Fields of a push or of a part of it. Every method raises CallRefused (400) and nothing else."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """Refused as ``missing_field`` when it is not there or empty."""
        value = self.text_or_empty(name)
        if not value:
            raise CallRefused(400, "missing_field")
        return value

    def text_or_empty(self, name: str) -> str:
        """Whole numbers count as text: ids are such in JSON."""
        match self._values.get(name):
            case None:
                return ""
            case str(value):
                return _CONTROL.sub("", value)
            case bool():
                raise CallRefused(400, "undecodable")
            case int(number):
                return str(number)
            case _:
                raise CallRefused(400, "undecodable")

    def id(self, name: str) -> str:
        """A text that must be there and is no longer than ids are."""
        value = self.text(name)
        if len(value) > MAX_ID_CHARS:
            raise CallRefused(400, "undecodable")
        return value

    def whole(self, name: str) -> int:
        """A whole number from 0 on; 0 when it is not there."""
        value = self.text_or_empty(name)
        if value and not _DIGITS.fullmatch(value):
            raise CallRefused(400, "undecodable")
        return int(value or 0)

    def decimal(self, name: str, bound: float) -> float:
        """A number that must be there, from -``bound`` to ``bound``."""
        value = self._values.get(name)
        try:
            number = value if isinstance(value, float) else float(self.text(name))
        except ValueError:
            raise CallRefused(400, "undecodable") from None
        if not math.isfinite(number) or abs(number) > bound:
            raise CallRefused(400, "undecodable")
        return number

    def moment(self, name: str) -> datetime:
        """Seconds since 1970 that must be there."""
        self.text(name)
        seconds = self.whole(name)
        if seconds > LATEST_SECONDS:
            raise CallRefused(400, "undecodable")
        return datetime.fromtimestamp(seconds, UTC)

    def part(self, name: str) -> "Fields":
        """The fields inside a field; none where there is nothing."""
        value = self._values.get(name)
        return Fields({}) if value is None else _inside(value)

    def parts(self, name: str) -> tuple["Fields", ...]:
        """The fields inside each of the fields with this name; XML does not tell one from a list of one."""
        value = self._values.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(_inside(item) for item in items)


def _inside(value: object) -> Fields:
    if not isinstance(value, Mapping):
        raise CallRefused(400, "undecodable")
    return Fields(value)


def read_fields(opened: Opened) -> Fields:
    """The fields of a push. Raises CallRefused (400)."""
    return Fields(_xml_values(opened.text) if opened.form is Form.XML else _json_values(opened.text))


_NAMES = ("ToUserName", "FromUserName", "MsgId")
"""What words may have that was mended, names may not: they would be others."""


def _json_values(text: str) -> Mapping[str, object]:
    try:
        values = orjson.loads(mended_json(text.encode("utf-8", "replace")))
    except orjson.JSONDecodeError:
        raise CallRefused(400, "undecodable") from None
    if not isinstance(values, dict) or any(MARK in str(values.get(name, "")) for name in _NAMES):
        raise CallRefused(400, "undecodable")
    return values


def _xml_values(text: str) -> Mapping[str, object]:
    """What wechatpy reads from a push. It has names for only some of the fields, so that all are taken as it read them."""
    if not _STARTS_AS_XML.match(text):
        raise CallRefused(400, "undecodable")
    try:
        message = parse_message(_CONTROL.sub("", text))
    except (ExpatError, ValueError):
        raise CallRefused(400, "undecodable") from None
    except (KeyError, TypeError, AttributeError):
        # It reads MsgType and Event without looking whether they are there.
        raise CallRefused(400, "missing_field") from None
    values: dict[str, object] = message._data  # noqa: SLF001 - there is no other way to fields without a name
    # A subscription by QR code has a name of the library's own by now; the platform's is put back.
    match values.get("Event"):
        case "subscribe_scan":
            return {**values, "Event": "subscribe", "EventKey": f"{_SCENE}{values.get('EventKey') or ''}"}
        case "subscribe_scan_product":
            return {**values, "Event": "subscribe"}
        case _:
            return values
