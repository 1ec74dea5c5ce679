"""The figures of a text in one form: ``七天内`` and ``7日内`` are one figure, ``15天`` and ``7天后`` are others.

A figure is a number or a range with its unit and with the words that set its bound (满, 不超过, 内, 后, …): who changes any
of these changes what is promised. Times, dates, telephone numbers and codes are figures too, as they stand.
"""

import re
from dataclasses import dataclass

_NUMERALS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
_WORD_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ENGLISH = {word: value for value, word in enumerate(_WORDS)} | _WORD_TENS

_NO_NUMBERS = frozenset({"万一", "千万", "万万", "十分", "半点", "一点", "一种", "一人", "一位", "一次", "百分"})
"""Words that only look like numbers."""

UNITS: dict[str, str] = {
    **dict.fromkeys(("工作日", "个工作日", "working day", "working days", "business day", "business days"), "工作日"),
    **dict.fromkeys(("自然日", "个自然日", "天", "日", "day", "days"), "天"),
    **dict.fromkeys(("小时", "个小时", "钟头", "个钟头", "hour", "hours", "hrs", "hr", "h"), "小时"),
    **dict.fromkeys(("分钟", "minute", "minutes", "mins", "min"), "分钟"),
    **dict.fromkeys(("秒", "秒钟", "second", "seconds", "sec"), "秒"),
    **dict.fromkeys(("周", "星期", "个星期", "礼拜", "个礼拜", "week", "weeks"), "周"),
    **dict.fromkeys(("个月", "month", "months"), "个月"),
    **dict.fromkeys(("年", "周年", "year", "years"), "年"),
    **dict.fromkeys(("元", "块", "块钱", "圆", "元钱", "人民币", "rmb", "cny", "yuan"), "元"),
    **dict.fromkeys(("美元", "美金", "usd", "dollar", "dollars"), "美元"),
    **dict.fromkeys(("%", "percent", "per cent"), "%"),
    **dict.fromkeys(("公斤", "千克", "kg", "kilograms"), "公斤"),
    **dict.fromkeys(("克", "g"), "克"),
    **dict.fromkeys(("厘米", "公分", "cm"), "厘米"),
    **dict.fromkeys(("毫升", "ml"), "毫升"),
    **dict.fromkeys(("m", "米"), "米"),
    **{
        unit: unit
        for unit in (
            "斤 吨 毫米 公里 寸 英寸 升 角 分 折 倍 积分 点 件 个 次 张 份 套 盒 包 箱 瓶 袋 页 字 级 层 楼 号 位 名 人 "
            "款 种 期 笔 单 户 台 部 条 只 双 支 码 岁 月 GB MB KB"
        )
        .lower()
        .split()
    },
    **dict.fromkeys(("item", "items", "piece", "pieces"), "items"),
    **dict.fromkeys(("time", "times"), "times"),
}
"""How units are written, and the one way in which they are compared."""

_CURRENCIES = {"¥": "元", "￥": "元", "$": "美元", "us$": "美元", "rmb": "元", "cny": "元", "usd": "美元"}

_BEFORE = (
    "不满|未满|不足|满|不超过|不高于|不低于|不少于|不多于|不到|少于|低于|小于|超过|超出|高于|大于|多于|至少|至多|最多|最少|最长|最短"
    "|最低|最高|最快|最晚|最迟|每满|每|第|前|约|大约|近|共|再|仅|只"
    "|no more than|not more than|up to|at least|at most|more than|less than|fewer than|over|under|within|after|before|about"
    "|around|per|every|only|first|by"
)
_AFTER = "以内|之内|内|以后|之后|后|以前|之前|前|以上|以下|之外|以外|外|起|左右|整|多|来|or more|or less|after|before|ago|later"
_SAME_BOUND = {
    **dict.fromkeys(("以内", "之内", "内", "within"), "内"),
    **dict.fromkeys(("以后", "之后", "后", "after", "later"), "后"),
    **dict.fromkeys(("以前", "之前", "前", "before", "ago"), "前"),
    **dict.fromkeys(("以上", "起", "至少", "最少", "不低于", "不少于", "最低", "at least", "or more"), "至少"),
    **dict.fromkeys(("至多", "最多", "不超过", "不高于", "不多于", "最高", "up to", "at most", "no more than"), "至多"),
    **dict.fromkeys(("约", "大约", "左右", "about", "around"), "约"),
    **dict.fromkeys(
        ("不满", "未满", "不足", "不到", "少于", "低于", "小于", "less than", "fewer than", "under"), "不满"
    ),
    **dict.fromkeys(("超过", "超出", "高于", "大于", "多于", "more than", "over"), "超过"),
    **dict.fromkeys(("每", "per", "every"), "每"),
    **dict.fromkeys(("仅", "只", "only"), "仅"),
    **dict.fromkeys(("共", "再", "整"), ""),
}

_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?[百千万亿]?"
    r"|百分之[零〇一二两三四五六七八九十百点]+"
    r"|[零〇一二两三四五六七八九十百千万亿半]+"
    r"|(?<![a-z])(?:" + "|".join(sorted(_ENGLISH, key=len, reverse=True)) + r")(?![a-z])"
)
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_RANGE = r"\s*(?:-|–|—|~|～|至|到|\bto\b)\s*"

_WHOLE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?"
    r"|\d{1,2}月\d{1,2}[日号]?"
    r"|\d{1,2}[:：]\d{2}(?::\d{2})?(?:\s*(?:-|–|—|~|～|至|到)\s*\d{1,2}[:：]\d{2})?(?:\s?(?:am|pm))?"
    r"|(?<!\d)\+?\d(?:[\d]|[\s\-](?=\d)){6,}(?:转\d+)?"
    r"|(?<![a-z0-9])(?=[a-z0-9\-]{0,40}\d)(?=[a-z0-9\-]{0,40}[a-z])[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,8}(?![a-z0-9])"
)
_LEADING_ZERO = re.compile(r"0\d")
_DATE = re.compile(r"\d{4}[-/.年]|\d{1,2}月|\d{1,2}:")
_FIGURE = re.compile(
    rf"(?P<before>{_BEFORE})?\s?(?P<currency>us\$|¥|￥|\$|rmb|cny|usd)?\s?"
    rf"(?P<low>{_NUMBER})(?:\s?(?P<lowunit>{_UNIT})?{_RANGE}(?P<high>{_NUMBER}))?"
    rf"(?:[\s-]?(?P<unit>{_UNIT})(?![a-z]))?\s?(?P<after>{_AFTER})?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` is the number, ``low..high`` or the thing as it stands; ``start`` and ``stop`` say where it was found."""

    value: str
    unit: str
    bounds: frozenset[str]
    start: int
    stop: int

    @property
    def claim(self) -> tuple[str, str, frozenset[str]]:
        """What two texts must share."""
        return (self.value, self.unit, self.bounds)


def figures(text: str) -> list[Figure]:
    """The figures of a folded text (NFKC, lower case), in order."""
    found = []
    position = 0
    whole, match = _WHOLE.search(text), _next_figure(text, 0)
    while whole is not None or match is not None:
        if whole is not None and (match is None or whole.start() <= match.start("low")):
            if not _has_unit(whole.group()):
                found.append(Figure(_as_it_stands(whole.group()), "", frozenset(), whole.start(), whole.end()))
                position = whole.end()
            whole = _WHOLE.search(text, whole.end())
        elif match is not None:
            found.append(_figure(match))
            position = match.end()
        if whole is not None and whole.start() < position:
            whole = _WHOLE.search(text, position)
        if match is not None and match.start() < position:
            match = _next_figure(text, position)
    return found


def _as_it_stands(thing: str) -> str:
    """A time, a date, a code; a telephone number without what stands between its digits."""
    plain = re.sub(r"\s", "", thing).replace("：", ":")
    return plain if _DATE.match(plain) else plain.replace("-", "")


def _has_unit(code: str) -> bool:
    """``5kg`` is a number with its unit, ``sf1234`` a code."""
    match = _FIGURE.fullmatch(code)
    return match is not None and bool(match["unit"])


def _next_figure(text: str, position: int) -> re.Match[str] | None:
    for match in _FIGURE.finditer(text, position):
        if _counts(match):
            return match
    return None


def _counts(match: re.Match[str]) -> bool:
    """Whether it is a number at all: 一定, 万一 and one of them are words."""
    low = match["low"]
    if low[0].isdigit() or match["high"] or match["currency"] or low.startswith("百分之"):
        return True
    if low in _ENGLISH:
        return bool(match["unit"])
    if low + (match["unit"] or "") in _NO_NUMBERS:
        return False
    if _value(low) is None:
        return False
    return bool(match["unit"]) or match["before"] == "第" or (len(low) > 1 and any(c in _TENS for c in low))


def _figure(match: re.Match[str]) -> Figure:
    low = match["low"]
    unit = UNITS.get(match["unit"] or match["lowunit"] or "", "")
    if low.startswith("百分之"):
        low, unit = low.removeprefix("百分之"), "%"
    if match["currency"]:
        unit = _CURRENCIES[match["currency"]]
    value = _text(low)
    if match["high"]:
        value = f"{value}..{_text(match['high'])}"
    given = (match["before"], match["after"])
    bounds = frozenset(_SAME_BOUND.get(word, word) for word in given if word) - {""}
    return Figure(value, unit, bounds, match.start(), match.end())


def _text(number: str) -> str:
    value = None if _LEADING_ZERO.match(number) else _value(number)
    return number if value is None else f"{value:.6g}" if value < 100_000 else f"{value:.0f}"


def _value(number: str) -> float | None:
    if number[0].isdigit():
        digits = number.replace(",", "").rstrip("百千万亿").rstrip()
        return float(digits) * _TENS.get(number[-1], 1)
    if number in _ENGLISH:
        return float(_ENGLISH[number])
    if number == "半":
        return 0.5
    if "点" in number:
        whole, _, part = number.partition("点")
        digits = "".join(str(_NUMERALS[c]) for c in part if c in _NUMERALS)
        base = _chinese(whole)
        return None if base is None or not digits else base + float(f"0.{digits}")
    return _chinese(number)


def _chinese(numeral: str) -> float | None:
    """None where the numeral is not well formed."""
    if "半" in numeral:
        return None
    if len(numeral) > 1 and not any(character in _TENS for character in numeral):
        return float("".join(str(_NUMERALS[character]) for character in numeral))
    total = section = 0
    digit: int | None = None
    for character in numeral:
        if character in _NUMERALS:
            digit = _NUMERALS[character]
        elif _TENS[character] >= 10_000:
            total = (total + section + (digit or 0) or 1) * _TENS[character]
            section, digit = 0, None
        else:
            section += (1 if digit is None else digit) * _TENS[character]
            digit = None
    return float(total + section + (digit or 0))


def masked(text: str) -> tuple[str, list[Figure]]:
    """A folded text with # for each figure, so that figures are compared as figures only; and the figures, in order."""
    text = text.replace("#", " ")
    found = figures(text)
    pieces = []
    end = 0
    for figure in found:
        pieces += [text[end : figure.start], "#"]
        end = figure.stop
    return "".join((*pieces, text[end:])), found
