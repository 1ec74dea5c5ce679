"""Telephone numbers as people in China write and say them: mobiles, landlines with their area code, 400 numbers.

Facts: mobile numbers have 11 digits and begin with 13 to 19 (which of those prefixes are given out changes every year, so no
finer table is kept); area codes are 010, 02x, or four digits from 03xx to 09xx; 400 and 800 numbers have ten digits. Country code 86.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yizhan.dialogue.tasks.slots.digression import beside_the_point
from yizhan.dialogue.tasks.slots.numerals import spoken
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

HINTS = (
    "手机号码",
    "手机号",
    "手机",
    "电话号码",
    "电话",
    "联系方式",
    "号码",
    "座机",
    "固话",
    "phone",
    "mobile",
    "cell",
    "tel",
    "call me at",
    "contact",
)

_GROUP = re.compile(r"(?<![0-9a-z])[0-9]++(?![a-z@])|(?:(?<=tel)|(?<=phone)|(?<=mobile)|(?<=cell))[0-9]++(?![a-z@])")
_JOIN = re.compile(r"[ \-.,·_/、~()\n]{0,4}")
_EXTENSION = re.compile(r" {0,2}(?:转|分机号?|ext\.?|extension|#|-)[ :]{0,2}([0-9]{1,6})(?![0-9])")
_MASKED = re.compile(r"1[3-9][0-9][*x•]{3,5}[0-9]{4}(?![0-9])")
_MOBILE = re.compile(r"(?:0{0,2}86|0)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:0{0,2}860?|0)(10|2[0-9]|[3-9][0-9]{2})([2-9][0-9]{6,7})")
_FREE = re.compile(r"(?:0{0,2}86)?([48]00)([0-9]{3})([0-9]{4})")
_NATURAL = frozenset({(3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (4, 3, 4)})
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}")
_HINT = re.compile("手机|电话|联系方式|号码|座机|固话|(?<![a-z])(?:phone|mobile|cell|tel|call me at|contact)(?![a-z])")
_MOST_DIGITS = 16
_HINT_REACH = 12


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """``foreign``: numbers with another country's code are taken, as "+14155552671"."""

    foreign: bool = False


@dataclass(frozen=True, slots=True)
class _Digits:
    """Groups of digits that may be one number; ``country`` says that a "+" stood before them."""

    digits: str
    start: int
    end: int
    groups: tuple[int, ...]
    country: bool
    alone: bool


def masked(value: str) -> str:
    """A number from ``read`` with its middle hidden: 138****5678, 010-****5678, 400-***-4567."""
    if re.fullmatch(r"1[0-9]{10}(?:-[0-9]+)?", value):
        return value[:3] + "****" + value[7:]
    if value.startswith("+"):
        return value[:3] + "*" * (len(value) - 7) + value[-4:]
    if re.fullmatch(r"[48]00-[0-9]{3}-[0-9]{4}", value):
        return value[:4] + "***" + value[7:]
    area, _, local = value.partition("-")
    number, dash, extension = local.partition("-")
    return f"{area}-{'*' * (len(number) - 4)}{number[-4:]}{dash}{extension}"


def read(text: str, rules: PhoneRules, context: Context) -> Reading:
    """The telephone number in the text: 13812345678, 010-62345678, 010-62345678-801, 400-123-4567."""
    spelled = spell(text)
    digits = spoken(spelled.text)
    hinted = _HINT.search(spelled.text) is not None
    runs = list(_runs(digits))
    found, problem = _numbers(spelled, digits, runs, rules, context.asked or hinted)
    if found or problem:
        return one_of(found) if found else problem
    hidden = _MASKED.search(digits)
    if hidden:
        return Unclear(Reason.MASKED, spelled.span(hidden.start(), hidden.end()))
    return _malformed(spelled, digits, runs, context)


def _numbers(
    spelled: Spelled, digits: str, runs: list[list[re.Match[str]]], rules: PhoneRules, expected: bool
) -> tuple[list[Found], Unclear | None]:
    found: list[Found] = []
    problem: Unclear | None = None
    for run in runs:
        after = 0
        for first in range(len(run)):
            if first < after:
                continue
            for taken in _candidates(digits, run, first):
                value = _value(taken, rules, expected)
                if value is None:
                    continue
                after = first + len(taken.groups)
                if value == "":
                    problem = Unclear(Reason.FOREIGN, spelled.span(taken.start, taken.end))
                    break
                value, end = _extended(digits, value, taken.end)
                while after < len(run) and run[after].start() < end:
                    after += 1
                found.append(Found(value, masked(value), spelled.span(taken.start, end), private=True))
                break
    return found, problem


def _runs(digits: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits with nothing but separators between them."""
    run: list[re.Match[str]] = []
    for group in _GROUP.finditer(digits):
        if run and not _JOIN.fullmatch(digits, run[-1].end(), group.start()):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def _candidates(digits: str, run: list[re.Match[str]], first: int) -> Iterator[_Digits]:
    """The numbers that may begin with this group, the longest first."""
    ends: list[int] = []
    length = 0
    for at in range(first, len(run)):
        length += len(run[at].group())
        if length > _MOST_DIGITS:
            break
        ends.append(at)
    start = run[first].start()
    country = digits[max(0, start - 2) : start].rstrip(" (").endswith("+")
    for last in reversed(ends):
        parts = run[first : last + 1]
        open_bracket = digits[max(0, start - country - 1)] == "(" and ")" in digits[start : parts[-1].end()]
        yield _Digits(
            "".join(part.group() for part in parts),
            max(0, start - country - open_bracket),
            parts[-1].end(),
            tuple(len(part.group()) for part in parts),
            country,
            alone=len(parts) == len(run),
        )


def _value(taken: _Digits, rules: PhoneRules, expected: bool) -> str | None:
    """The canonical number; "" when it is another country's and none is wanted; None when it is no number."""
    if taken.country and not taken.digits.startswith("86"):
        if not taken.alone or not 8 <= len(taken.digits) <= 15:
            return None
        return "+" + taken.digits if rules.foreign else ""
    mobile = _MOBILE.fullmatch(taken.digits)
    if mobile and _natural(taken, len(taken.digits) - 11):
        return mobile.group(1)
    landline = _LANDLINE.fullmatch(taken.digits)
    if landline and (expected or taken.country or len(taken.groups) > 1) and _at_area_code(taken, landline):
        return f"0{landline.group(1)}-{landline.group(2)}"
    free = _FREE.fullmatch(taken.digits)
    if free and (expected or len(taken.groups) > 1):
        return "-".join(free.groups())
    return None


def _natural(taken: _Digits, prefix: int) -> bool:
    """Digits cut into groups are one mobile when they stand alone, or are cut as people cut mobiles."""
    groups = taken.groups[1:] if prefix and taken.groups[0] == prefix else taken.groups
    return len(groups) == 1 or taken.alone or groups in _NATURAL


def _at_area_code(taken: _Digits, landline: re.Match[str]) -> bool:
    """A number in one piece, or cut after its area code: 0755-12345678 and not 07-5512345678."""
    cuts: set[int] = set()
    at = 0
    for length in taken.groups[:-1]:
        at += length
        cuts.add(at)
    return not cuts or landline.start(2) in cuts


def _extended(digits: str, value: str, end: int) -> tuple[str, int]:
    extension = _EXTENSION.match(digits, end)
    if extension is None or value.startswith("+") or (value.startswith("1") and len(extension.group(1)) not in (3, 4)):
        return value, end
    return f"{value}-{extension.group(1)}", extension.end()


def _malformed(spelled: Spelled, digits: str, runs: list[list[re.Match[str]]], context: Context) -> Reading:
    """What is wrong with digits that must have been meant as a telephone number."""
    for run in runs:
        size = sum(len(group.group()) for group in run)
        start, end = run[0].start(), run[-1].end()
        before = spelled.text[max(0, start - _HINT_REACH) : start]
        hinted = _HINT.search(before) is not None
        meant = hinted or (context.asked and not beside_the_point(spelled.text, start, end))
        if not meant or size < 5 or _DATE.fullmatch(digits, start, end):
            continue
        begin = digits[start]
        if size in (7, 8) and begin in "23456789":
            reason = Reason.NO_AREA_CODE
        elif size <= 10 or (begin != "1" and size == 11):
            reason = Reason.TOO_SHORT if size <= 10 else Reason.SHAPE
        else:
            reason = Reason.TOO_LONG if size > 11 else Reason.SHAPE
        return Unclear(reason, spelled.span(start, end))
    return None
