"""How many: 两件, 3个, x2, "three items". Whole numbers only."""

import re
from dataclasses import dataclass

from yizhan.dialogue.tasks.slots.digression import beside_the_point
from yizhan.dialogue.tasks.slots.numerals import NUMERAL, whole
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

HINTS = ("数量", "件数", "人数", "几件", "quantity")

_MEASURE = "件(?!套)|个(?!月|小时|工作日|星期|礼拜|钟|人信息)|只|双|套|盒|包|瓶|箱|台|部|条|张|本|袋|支|把|副|罐|桶|颗|块(?!钱)|位|人(?!民币|工)|份|单|枚|顶|床|打|对"
_ENGLISH = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "a dozen": 12,
    "a couple of": 2,
    "俩": 2,
    "仨": 3,
}
_WORDS = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_THINGS = r"(?:pieces?|pcs|items?|pairs?|sets?|boxes|box|bottles?|units?|people|persons?|copies|of them)(?![a-z])"
_NOT_BEFORE = r"(?<![0-9零〇一二两三四五六七八九十百千万第周每几.])"

_COUNTED = re.compile(
    rf"{_NOT_BEFORE}(?P<vague>[一二两三四五六七八九](?=[二三四五六七八九]))?(?P<number>{NUMERAL}{{1,9}})(?P<part>\.[0-9]{{1,3}}|多|来|几)? ?(?P<measure>{_MEASURE})"
)
_HALF = re.compile(f"(?<![0-9一二两三四五六七八九十个])半(?:{_MEASURE})")
_TIMES = re.compile(r"(?:(?<![0-9a-z])x|[*×]) ?(?P<number>[0-9]{1,6})(?![0-9a-z.])")
_NAMED = re.compile(rf"(?<![a-z0-9.])(?P<number>[0-9]{{1,6}}|{_WORDS}) {_THINGS}")
_BARE = re.compile(
    rf"[ ,.要]{{0,3}}(?:就|只|大概|一共|总共|共|我要|来|just |only )?(?P<number>-?{NUMERAL}{{1,9}}|{_WORDS})(?P<part>\.[0-9]{{1,3}})?(?:吧|呢|啊|个吧)?[ .!。]{{0,3}}"
)
_MANY = re.compile("好几|几(?=件|个|只|双|套|盒|瓶|张)|若干|一些|a few|several|some")


@dataclass(frozen=True, slots=True)
class QuantityRules:
    """The least and the most that are taken."""

    least: int = 1
    most: int = 9999


def read(text: str, rules: QuantityRules, context: Context) -> Reading:
    """The number in digits. A bare number, and the 一个 that any sentence may hold, count only where it was asked for."""
    spelled = spell(text)
    found: list[Found] = []
    problem: Unclear | None = None
    for match in _mentions(spelled.text, context):
        span = spelled.span(match.start(), match.end())
        checked = _checked(match, span_of=spelled, rules=rules)
        if isinstance(checked, Found):
            found.append(checked)
        elif checked is not None:
            problem = problem or Unclear(checked, span)
    reading = problem or one_of(found)
    if not context.asked:
        return reading if isinstance(reading, Found) else None
    return reading or _vague(spelled)


def _mentions(text: str, context: Context) -> list[re.Match[str]]:
    bare = _BARE.fullmatch(text) if context.asked else None
    if bare:
        return [bare]
    counted = [*_COUNTED.finditer(text), *_TIMES.finditer(text), *_NAMED.finditer(text)]
    return [match for match in counted if not _idle(match, text, context)]


def _idle(match: re.Match[str], text: str, context: Context) -> bool:
    """A 一个 as it stands in any sentence."""
    if match["number"] not in ("一", "1") or not match.groupdict().get("measure"):
        return False
    return not context.asked or beside_the_point(text, match.start(), match.end())


def _checked(match: re.Match[str], *, span_of: Spelled, rules: QuantityRules) -> Found | Reason | None:
    groups = match.groupdict()
    part = groups.get("part") or ""
    if part.startswith("."):
        return Reason.NOT_WHOLE
    if part or groups.get("vague"):
        return Reason.VAGUE
    said = match["number"]
    number = _ENGLISH.get(said)
    if number is None:
        number = -1 if said.startswith("-") else whole(said)
    if number is None:
        return None
    number *= 12 if groups.get("measure") == "打" else 1
    if number < rules.least:
        return Reason.TOO_SMALL
    if number > rules.most:
        return Reason.TOO_LARGE
    return Found(str(number), str(number), span_of.span(match.start(), match.end()))


def _vague(spelled: Spelled) -> Reading:
    half = _HALF.search(spelled.text)
    if half:
        return Unclear(Reason.NOT_WHOLE, spelled.span(half.start(), half.end()))
    many = _MANY.search(spelled.text)
    if many is None or beside_the_point(spelled.text, many.start(), many.end()):
        return None
    return Unclear(Reason.VAGUE, spelled.span(many.start(), many.end()))
