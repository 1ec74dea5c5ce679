"""Sums of money in yuan: ¥99.5, 99块5, 一百二十元, 1.2万, "120 yuan"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from yizhan.dialogue.tasks.slots.digression import beside_the_point
from yizhan.dialogue.tasks.slots.numerals import DIGITS, NUMERAL, decimal, whole
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import spell

HINTS = ("金额", "价格", "钱", "付了", "退款", "amount", "price")

_LATIN = r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,4})?|[0-9]{1,12}(?:\.[0-9]{1,4})?"
_SUM = re.compile(
    rf"(?P<minus>(?<![0-9a-z])-|负)?(?P<sign>¥|￥|rmb ?|cny ?|人民币 ?)?(?<![0-9a-z.])(?:(?P<latin>{_LATIN}) ?(?P<times>[万千百]|[kw](?![a-z]))?|(?P<han>{NUMERAL}{{1,16}}))"
    r" ?(?P<unit>元|块钱?|圆|yuan|rmb|cny|(?:人民币))?(?:零?(?P<tenth>[0-9一二两三四五六七八九])(?:(?P<tenth_unit>毛|角)|(?![0-9年月日号天个件点])))?"
    r"(?:零?(?P<hundredth>[0-9一二三四五六七八九])分)?(?P<about>多(?!少)|来(?=[块元]))?"
)
_SMALL = re.compile(
    r"(?<![0-9零一二两三四五六七八九十百千万元块])(?P<jiao>[0-9一二两三四五六七八九])(?:毛|角)钱?(?P<fen>[0-9一二三四五六七八九])?"
)
_FOREIGN = re.compile(r"[$€£]|美元|美金|欧元|日元|港币|港元|英镑|usd|eur|hkd|dollars?|euros?")
_NOT_MONEY = re.compile(
    r" ?(?:[年月日号天个件双台套盒包折%‰岁斤米次条点时毛角亿]|小时|分钟|(?!please|thanks|thx|ok)[a-z])"
)
_TOGETHER = re.compile("一块(?![钱0-9一二三四五六七八九。,，!]|$)")
_WORD = re.compile("(?![吧呢啊左多])[\u3400-\u9fff]")
"""A character that makes a word of the numeral before it: 一部, 一直."""
_TIMES = {"万": 10_000, "千": 1000, "百": 100, "k": 1000, "w": 10_000}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class AmountRules:
    """The least and the most that are taken, in yuan."""

    least: Decimal = Decimal("0.01")
    most: Decimal = Decimal(100_000_000)


def read(text: str, rules: AmountRules, context: Context) -> Reading:
    """The sum in yuan with two places: "99.50"."""
    spelled = spell(text)
    found: list[Found] = []
    problem: Unclear | None = None
    small = list(_SMALL.finditer(spelled.text))
    sums = small or [match for match in _SUM.finditer(spelled.text) if _is_money(match, spelled.text, context)]
    for match in sums:
        span = spelled.span(match.start(), match.end())
        value = _value(match)
        if value is None:
            continue
        reason = _outside(match, value, rules, spelled.text)
        if reason is None:
            found.append(Found(f"{value:.2f}", f"¥{value:.2f}", span))
        else:
            problem = problem or Unclear(reason, span)
    reading = problem or one_of(found)
    return None if isinstance(reading, Unclear) and not context.asked else reading


def _is_money(match: re.Match[str], text: str, context: Context) -> bool:
    if _TOGETHER.match(text, match.start()):
        return False
    marked = bool(match["sign"] or match["unit"] or match["hundredth"])
    around = text[max(0, match.start() - 3) : match.end() + 8]
    if _FOREIGN.search(around):
        return True
    if marked:
        return True
    before = text[max(0, match.start() - 1) : match.start()]
    if match["han"] and _WORD.match(text, match.end()):
        return False
    if beside_the_point(text, match.start(), match.end()):
        return False
    return context.asked and before not in ("第", "周") and not _NOT_MONEY.match(text, match.end())


def _value(match: re.Match[str]) -> Decimal | None:
    if "jiao" in match.groupdict():
        fen = _digit(match["fen"]) if match["fen"] else 0
        return Decimal(10 * _digit(match["jiao"]) + fen) / 100
    if match["latin"] is not None:
        number = Decimal(decimal(match["latin"]) or 0) * _TIMES.get(match["times"] or "", 1)
        if match["times"] and match["tenth"] and not match["unit"]:  # 1万2
            return number + _digit(match["tenth"]) * _TIMES[match["times"]] // 10
    else:
        said = whole(match["han"])
        if said is None:
            return None
        number = Decimal(said)
    if match["unit"] and match["tenth"]:
        number += Decimal(_digit(match["tenth"])) / 10
    if match["hundredth"]:
        number += Decimal(_digit(match["hundredth"])) / 100
    return number.quantize(_CENT)


def _digit(character: str) -> int:
    return DIGITS[character] if character in DIGITS else int(character)


def _outside(match: re.Match[str], value: Decimal, rules: AmountRules, text: str) -> Reason | None:
    if _FOREIGN.search(text[max(0, match.start() - 3) : match.end() + 8]):
        return Reason.CURRENCY
    if match.groupdict().get("about"):
        return Reason.VAGUE
    if match.groupdict().get("minus") or value < rules.least:
        return Reason.TOO_SMALL
    return Reason.TOO_LARGE if value > rules.most else None
