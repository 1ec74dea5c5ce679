"""Addresses written in English, from the door to the city: "Room 301, No. 88 Jianguo Road, Chaoyang District, Beijing"."""

import re

from yizhan.dialogue.tasks.slots.address_parts import CITY, DISTRICT, NUMBER, STREET
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear
from yizhan.dialogue.tasks.slots.spelling import Spelled

_STREET = re.compile(
    r"\b(?:road|rd|street|st|avenue|ave|lane|ln|boulevard|blvd|drive|dr|highway|alley|plaza|building|tower|garden|court|way|square)\b"
)
_NUMBER = re.compile(r"[0-9]")
_DISTRICT = re.compile(r"\b(?:district|county|dist|town|new area)\b")
_CITY = re.compile(
    r"\b(?:city|beijing|shanghai|tianjin|chongqing|hong kong|macau|guangzhou|shenzhen|hangzhou|chengdu|wuhan|nanjing|suzhou|xi'?an|china)\b(?! (?:(?:east|west|north|south|middle) )?(?:road|rd|street|st|avenue|ave|lane)\b)"
)
_LEAD = re.compile(
    r"^.{0,40}?\b(?:address is|address:|ship to|send it to|deliver to|live at|ship it to|address)[ :]{0,3}"
)
_TRAIL = re.compile(r"[,. ]{0,3}(?:thanks|thank you|please|my phone.{0,40}|phone.{0,40})$")
_SENTENCE = re.compile(
    r"(?:what|which|how|is|are|can|could|do|does|when|where|why|who|i|i'm|i'd|please|find|get|set|send|tell)\b"
)
_LONGEST = 200


def read(spelled: Spelled, least: str, context: Context) -> Reading:
    """The address, where it was asked for or is introduced as one."""
    text = spelled.text
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    if not (context.asked or lead) or len(text) - start > _LONGEST or not text[start:].isascii():
        return None
    trail = _TRAIL.search(text, start)
    end = trail.start() if trail else len(text)
    body = text[start:end].strip(" ,.\n")
    if _SENTENCE.match(body):
        return None
    if not _NUMBER.search(body) and "," not in body:
        return None
    if not _STREET.search(body) and not (_DISTRICT.search(body) and "," in body):
        return None
    start = text.index(body, start)
    span = spelled.span(start, start + len(body))
    missing = _missing(body, least)
    if missing:
        return Unclear(Reason.INCOMPLETE, span, missing)
    value = " ".join(spelled.plain[start : start + len(body)].split())
    return Found(value, value, span, private=True)


def _missing(body: str, least: str) -> tuple[str, ...]:
    commas = body.count(",")
    has = ((CITY, bool(_CITY.search(body)) or commas >= 2), (DISTRICT, bool(_DISTRICT.search(body)) or commas >= 2),
           (STREET, bool(_STREET.search(body))), (NUMBER, bool(_NUMBER.search(body))))  # fmt: skip
    depth = {"district": 2, "street": 3}.get(least, 4)
    return tuple(name for name, there in has[:depth] if not there)
