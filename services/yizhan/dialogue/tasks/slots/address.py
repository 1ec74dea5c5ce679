"""Postal addresses. Chinese ones by the suffixes of their parts (省 市 区 县 镇 街道 路 号 室); English ones by their commas.

There is no gazetteer beyond the provinces: a city is known by its 市, or by standing unmarked before a district (杭州西湖区), so a
city's name is not checked, and its province is not wanted. What an address must have is a city, a district (or a town), a street
or an estate, and a number.
"""

import re
from dataclasses import dataclass

from yizhan.dialogue.tasks.slots import english_address
from yizhan.dialogue.tasks.slots.address_parts import parts
from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.provinces import PROVINCES
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Span, Unclear
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

HINTS = (
    "地址",
    "住址",
    "寄到",
    "送到",
    "发到",
    "寄往",
    "发往",
    "寄去",
    "住在",
    "收货",
    "上门",
    "address",
    "ship to",
    "deliver to",
    "live at",
)

_PROVINCE = re.compile("|".join(sorted(PROVINCES, key=lambda name: (-len(name), name))))
_LEVEL = re.compile("[省市区县州盟旗镇乡村路街道巷]|大道|胡同|小区|花园|大厦|广场|新村|公寓")
_LEAD = re.compile("[到在寄送是住往给为:：址点]|改成|改为|换成|收件|收货|就是|[我你您](?:们|家)?的?|公司|麻烦|请")
_CLAUSE = re.compile("[。!?;\n]")
_END = re.compile(
    "[,，、 ](?=[^,，、]{0,6}(?:电话|手机|联系|收件|收货|姓名|邮编|我叫|我是|想|要|请|麻烦|谢谢|什么|怎么|几点|多久|可以|能))"
    r"|(?:电话|手机|联系人|收件人|邮编|谢谢|麻烦|[吗吧哈呢]$|可以|能不能|行不行|多久|什么时候|[,，、 ](?=[0-9]{5}|[0-9一二三四五六七八九十]{1,3}月|20[0-9]{2}[-/年]|[今明后大]{1,2}天|[这下本]{0,2}(?:周|星期|礼拜)[一二三四五六日天末]))"
)
_COMMA = re.compile("[,，、]")
_SEPARATOR = re.compile(r"[ \-/,，、·>|_+]")
_OTHER = re.compile("[这那哪]|什么|怎么|你们|知道")
_MOST_REST = 3
"""More than this after a lone city is a sentence about it."""
_LONGEST_LEAD = 16
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class AddressRules:
    """``least``: how exact it must be: "door" (with a number), "street" or "district"."""

    least: str = "door"


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """A clause without what people put between the parts, and where each character stood in the folded text."""

    text: str
    places: tuple[int, ...]


def read(text: str, rules: AddressRules, context: Context) -> Reading:
    """The address in one line, as typed but without separators between its parts. What is missing is named."""
    spelled = spell(text)
    readings = [_chinese(spelled, start, end, rules, context) for start, end in _clauses(spelled.text)]
    known = [reading for reading in readings if isinstance(reading, Found)]
    if known:
        same = len({found.value for found in known}) == 1
        return known[0] if same else Unclear(Reason.SEVERAL, Span(known[0].span.start, known[-1].span.end))
    unclear = next((reading for reading in readings if reading is not None), None)
    return unclear or english_address.read(spelled, rules.least, context)


def _clauses(text: str) -> list[tuple[int, int]]:
    """Sentences, cut where something speaks of other things than the address."""
    clauses: list[tuple[int, int]] = []
    start = 0
    for mark in (*_CLAUSE.finditer(text), None):
        end = len(text) if mark is None else mark.start()
        if end > start:
            clauses.append((start, end))
        start = end + 1
    return clauses


def _chinese(spelled: Spelled, start: int, end: int, rules: AddressRules, context: Context) -> Reading:
    first = _beginning(spelled.text, start, end)
    if first is None:
        return None
    ended = _END.search(spelled.text, first, end)
    last = min(end if ended is None else ended.start(), first + _LONGEST)
    squeezed = _squeeze(spelled.text, first, last)
    found = parts(squeezed.text)
    if (
        found.end == 0
        or _OTHER.match(squeezed.text)
        or (found.levels < 2 and end - squeezed.places[found.end - 1] - 1 > _MOST_REST)
    ):
        return None
    span = spelled.span(squeezed.places[0], squeezed.places[found.end - 1] + 1)
    missing = found.missing(rules.least)
    if not missing:
        value = "".join(spelled.plain[squeezed.places[index]] for index in range(found.end))
        return Found(value, value, span, private=True)
    if asks(spelled.text[start:end]):
        return None
    hinted = any(hint in spelled.text[max(0, start) : first + 1] for hint in HINTS)
    if (context.asked and (found.levels or found.province)) or (hinted and found.levels >= 2):
        return Unclear(Reason.INCOMPLETE, span, missing)
    return None


def _beginning(text: str, start: int, end: int) -> int | None:
    """Where the address begins: at a province, else after the last word that leads up to the first 市, 区, 路 …"""
    province = _PROVINCE.search(text, start, end)
    level = _LEVEL.search(text, start, end)
    if level is None:
        return None if province is None else province.start()
    if province is not None and province.start() < level.end():
        return province.start()
    begin = max(start, level.start() - _LONGEST_LEAD)
    for lead in _LEAD.finditer(text, begin, level.start()):
        begin = lead.end()
    for gap in _COMMA.finditer(text, begin, level.start()):
        begin = gap.end()
    while begin < level.start() and text[begin] in " ,，、":
        begin += 1
    return begin


def _squeeze(text: str, start: int, end: int) -> _Squeezed:
    kept = [place for place in range(start, end) if not _between_parts(text, place, start, end)]
    return _Squeezed("".join(text[place] for place in kept), tuple(kept))


def _between_parts(text: str, place: int, start: int, end: int) -> bool:
    """A separator, but not one inside a number such as 1-2-301."""
    if not _SEPARATOR.match(text, place):
        return False
    before, after = text[max(start, place - 1) : place], text[place + 1 : min(end, place + 2)]
    return not (before.isascii() and before.isalnum() and after.isascii() and after.isalnum())
