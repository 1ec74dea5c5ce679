"""Chinese words for days, and days in figures as they are written in China. Patterns are for folded text.

Nothing is repeated without a bound, so that a pattern costs the same few steps at every place of any text.
"""

import re
from datetime import date

from yizhan.dialogue.tasks.slots import calendar_days as days
from yizhan.dialogue.tasks.slots.day_rule import DayRule, Days, Meaning, one
from yizhan.dialogue.tasks.slots.numerals import DIGITS, whole
from yizhan.dialogue.tasks.slots.reading import Reason

_N = "[0-9零〇一二两三四五六七八九十廿卅]"
_NOT_IN_NUMBER = "(?<![0-9零〇一二两三四五六七八九十百千万.:/])(?<![0-9]-)"
_MONTH = f"({_N}{{1,3}}) ?月(?:份)?"
_DAY = f"({_N}{{1,3}})"
_DAY_END = "[日号]"
_NO_THING = "(?![电楼线店柜门房桌机院厅馆口仓码库车厂桶地铺席位款色元块钱点件个折球])"
_NO_PLACE = "(?<![路街道巷弄村镇型组栋幢园苑坊胡同庄第每工账编单尺座期])"
_ORDER_REST = "(?!-?[0-9])"
_WEEK = "(?:周|星期|礼拜)"
_WEEKDAY = "一二三四五六日天"
_YEARS = {"": 0, "今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2, "去年": -1, "前年": -2}
_MONTHS = {"这": 0, "本": 0, "当": 0, "下": 1, "下下": 2, "上": -1, "上上": -2}
_RELATIVE = {
    "今": 0, "今天": 0, "今日": 0, "今儿": 0, "当天": 0, "明": 1, "明天": 1, "明日": 1, "明儿": 1, "后天": 2, "后日": 2, "后儿": 2,
    "大后天": 3, "大大后天": 4, "昨": -1, "昨天": -1, "昨日": -1, "昨儿": -1, "前天": -2, "前日": -2, "大前天": -3,
}  # fmt: skip
_FAR = 1000
_NEAR = 40


def _number(text: str) -> int:
    found = whole(text)
    return _FAR if found is None else found


def _year(text: str) -> int:
    if text.isdigit():
        return int(text) if len(text) == 4 else 2000 + int(text)
    return int("".join(str(DIGITS[character]) for character in text))


def _full(found: re.Match[str], _today: date) -> Meaning:
    return one(days.on(_year(found[1]), _number(found[2]), _number(found[3])))


def _compact(found: re.Match[str], _today: date) -> Meaning:
    return one(days.on(int(found[1]), int(found[2]), int(found[3])))


def _month_day(found: re.Match[str], today: date) -> Meaning:
    month, day = _number(found[2]), _number(found[3])
    if found[1]:
        return one(days.on(today.year + _YEARS[found[1]], month, day))
    return one(days.nearest(month, day, today))


def _month_days(found: re.Match[str], today: date) -> Meaning:
    month, first, last = (_number(found[index]) for index in (1, 2, 3))
    start = days.nearest(month, first, today)
    return _stretch(start, None if start is None else days.on(start.year, month, last))


def _days_of_month(found: re.Match[str], today: date) -> Meaning:
    start = days.next_with(_number(found[1]), today)
    return _stretch(start, None if start is None else days.next_with(_number(found[2]), start))


def _stretch(first: date | None, last: date | None) -> Meaning:
    if first is None or last is None:
        return Reason.BAD_DATE
    return Days(first, last) if first <= last else Reason.BACKWARDS


def _day_of_month(found: re.Match[str], today: date) -> Meaning:
    day = _number(found[2])
    if not found[1]:
        return one(days.next_with(day, today))
    first = days.month_from(today, _MONTHS[found[1]])
    return one(days.on(first.year, first.month, day))


def _relative(found: re.Match[str], today: date) -> Meaning:
    return one(days.later(today, _RELATIVE[found.group()]))


def _count(text: str) -> int:
    return 15 if text == "半" else _number(text)


def _days_on(found: re.Match[str], today: date) -> Meaning:
    number, unit = found[1], found[2]
    if unit == "月":
        return one(days.later(today, 15) if number == "半" else days.months_later(today, min(_number(number), 1200)))
    if number == "半":
        return None
    return one(days.later(today, _number(number) * (7 if unit in ("周", "星期", "礼拜") else 1)))


def _days_ago(found: re.Match[str], today: date) -> Meaning:
    forward = _days_on(found, today)
    if not isinstance(forward, Days):
        return forward
    return one(days.later(today, (today - forward.first).days))


def _within(found: re.Match[str], today: date) -> Meaning:
    return Days(today, days.later(today, _number(found[1])))


def _weekday(found: re.Match[str], today: date) -> Meaning:
    index = _weekday_index(found[2])
    if not found[1]:
        return one(days.later(today, (index - today.weekday() - 1) % 7 + 1))
    return one(days.later(days.monday(today, _weeks(found[1])), index))


def _weekday_index(text: str) -> int:
    return int(text) - 1 if text.isdigit() else min(_WEEKDAY.index(text), 6)


def _weeks(which: str) -> int:
    return which.count("下") - which.count("上")


def _weekend(found: re.Match[str], today: date) -> Meaning:
    """Saturday and Sunday; of this week what is left of it."""
    saturday = days.later(days.monday(today, _weeks(found[1] or "")), 5)
    sunday = days.later(saturday, 1)
    return Days(today, sunday) if today == sunday else Days(saturday, sunday)


def _week(found: re.Match[str], today: date) -> Meaning:
    weeks = _weeks(found[1])
    first = days.monday(today, weeks)
    return Days(today if weeks == 0 else first, days.later(first, 6))


def _part_of_month(found: re.Match[str], today: date) -> Meaning:
    """初 is the 1st to the 10th, 中 the 11th to the 20th, 底 the last five days; of this month what is left of it."""
    first = _month_meant(found, today)
    if first is None:
        return Reason.BAD_DATE
    end = days.month_end(first)
    part = found["part"]
    if part.startswith(("初", "上")):
        last = first.replace(day=10)
    elif part.startswith("中"):
        first, last = first.replace(day=11), first.replace(day=20)
    else:
        first, last = first.replace(day=21 if part == "下旬" else end.day - 4), end
    return Days(max(first, today), last) if last >= today else Days(first, last)


def _last_of_month(found: re.Match[str], today: date) -> Meaning:
    first = _month_meant(found, today)
    return Reason.BAD_DATE if first is None else one(days.month_end(first))


def _month_meant(found: re.Match[str], today: date) -> date | None:
    if found["which"]:
        return days.month_from(today, _MONTHS[found["which"]])
    if not found["month"]:
        return today.replace(day=1)
    month = _number(found["month"])
    first = days.on(today.year, month, 1)
    return first if first is None or days.month_end(first) >= today else days.on(today.year + 1, month, 1)


def _either_way(found: re.Match[str], today: date) -> Meaning:
    """3/5: month and day in Chinese; in English it may be either, unless one of them can be no month."""
    around = found.string[max(0, found.start() - _NEAR) : found.end() + _NEAR]
    if re.search("[a-z]", around) and int(found[2]) <= 12 and found[1] != found[2]:
        return Reason.DAY_OR_MONTH
    return one(days.nearest(int(found[1]), int(found[2]), today))


def _day_month(found: re.Match[str], today: date) -> Meaning:
    return one(days.nearest(int(found[2]), int(found[1]), today))


def _too_wide(_found: re.Match[str], _today: date) -> Meaning:
    return Reason.TOO_WIDE


def _holiday(_found: re.Match[str], _today: date) -> Meaning:
    return Reason.HOLIDAY


_WHICH_MONTH = (
    f"(?:(?P<which>下下|上上|[这本当下上]) ?个?月|(?P<month>(?<!{_N}){_N}{{1,3}}) ?月(?:份)?|(?<![个岁满年])月) ?的?"
)
_SPAN = f"(?:再)?(?:过)?({_N}{{1,4}}|半) ?个?(天|日|周|星期|礼拜|月)"
_TO = "(?:到|至|-|~|——)"

RULES = (
    DayRule(
        re.compile(
            rf"(?<![0-9a-z.-])(20[0-9]{{2}}|[二][零〇][零〇一二三四五六七八九]{{2}}) ?[年/.\-,] ?{_DAY} ?[月/.\-,] ?{_DAY} ?{_DAY_END}?{_ORDER_REST}"
        ),
        _full,
    ),
    DayRule(re.compile(rf"(?<![0-9])([2-9][0-9])年 ?{_MONTH} ?{_DAY} ?{_DAY_END}?(?![0-9])"), _full),
    DayRule(re.compile(r"(?<![0-9a-z.-])(20[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])(?![0-9a-z])(?!-[0-9a-z])"), _compact, asked=True),
    DayRule(re.compile(rf"{_NOT_IN_NUMBER}{_MONTH} ?{_DAY} ?{_DAY_END}? ?{_TO} ?{_DAY} ?{_DAY_END}"), _month_days),
    DayRule(
        re.compile(rf"(?:([今明后去前本来]年) ?的? ?)?{_NOT_IN_NUMBER}{_MONTH} ?的? ?{_DAY}(?: ?{_DAY_END}|(?![0-9零〇一二两三四五六七八九十个天元件.月年]))"),
        _month_day,
    ),
    DayRule(re.compile(rf"{_NO_PLACE}{_NOT_IN_NUMBER}{_DAY} ?{_DAY_END}? ?{_TO} ?{_DAY} ?{_DAY_END}{_NO_THING}"), _days_of_month),
    DayRule(
        re.compile(rf"(?:(下下|上上|[这本当下上]) ?个?月 ?的? ?|(?<![a-z月]){_NO_PLACE}{_NOT_IN_NUMBER}){_DAY} ?{_DAY_END}{_NO_THING}(?![a-z]|[0-9](?![0-9]?[点时:]))"),
        _day_of_month,
        floats=True,
    ),
    DayRule(re.compile(rf"{_WHICH_MONTH} ?(?:[底末] ?的?)?(?P<part>最后一[天日])"), _last_of_month),
    DayRule(re.compile(rf"{_WHICH_MONTH} ?(?P<part>初|中旬|上旬|下旬|中(?!国|文|间|午)|底|末|尾)"), _part_of_month),
    DayRule(
        re.compile(
            "大大后天|大后天|大前天|今天|今日|今儿|当天|明天|明日(?!方舟)|明儿|后天|后日|后儿|昨天|昨日|昨儿|前天|前日|[今明昨](?=早(?!点)|晚(?!点)|夜)"
        ),
        _relative,
    ),
    DayRule(re.compile(f"{_NOT_IN_NUMBER}{_SPAN} ?(?:以后|之后|后)"), _days_on),
    DayRule(re.compile(f"过{_NOT_IN_NUMBER.replace('过', '')}({_N}{{1,4}}|半) ?个?(天|周|星期|礼拜|月)"), _days_on),
    DayRule(re.compile(f"{_NOT_IN_NUMBER}{_SPAN} ?(?:以前|之前|前)"), _days_ago),
    DayRule(re.compile(f"{_NOT_IN_NUMBER}({_N}{{1,3}}) ?天(?:之内|以内|内)"), _within, asked=True),
    DayRule(re.compile(rf"(?<![{_N[1:-1]}几每半个多])((?:下{{1,3}}|上{{1,3}}|这|本)? ?个?)(?: ?{_WEEK} ?的?)? ?{_WEEK} ?([{_WEEKDAY}1-7])(?![0-9次天个])"), _weekday, floats=True),
    DayRule(re.compile("((?:下{1,3}|上{1,3}|这|本)? ?个?) ?(?:周末|周六周?日|周六到周日)"), _weekend),
    DayRule(re.compile(f"(?<![{_N[1:-1]}以])(下{{1,3}}|上{{1,3}}|这|本) ?个?{_WEEK}(?!边)"), _week),
    DayRule(
        re.compile("((?:最|这)近几?[天日]|这几[天日]|这两天|过[几些两]天|改天|尽快|越[早快]越好|马上|立刻|立即|第一时间|现在|随时|工作日|(?:下下|下|这|本)个?月|[明后]年|年[底末初]|每天|(?:都|什么时候|哪天)(?:可以|行))"),
        _too_wide,
        asked=True,
    ),
    DayRule(
        re.compile(
            "(?:国庆节?|十一假期|春节|过年|大年[初三][一二三四五六七八十]?|除夕|元宵节?|清明节?|五一|劳动节|端午节?|中秋节?|元旦|圣诞节?|双十一|双11|618|黄金周|节后|节前)(?:假期|放假)?(?:回来|结束)?(?:前|后|之后|以后|期间)?(?:的?第?[一二三四五六七1-7][天日])?"
        ),
        _holiday,
    ),
    DayRule(re.compile(rf"(?<![0-9a-z.¥$/-])(1[0-2]|0?[1-9]) ?[./-] ?(3[01]|[12][0-9]|0?[1-9])(?: ?{_DAY_END})?(?![0-9a-z%元块万点时/-])(?!\.[0-9])"), _either_way, asked=True),
    DayRule(re.compile(r"(?<![0-9a-z.¥$/-])(1[3-9]|2[0-9]|3[01])/(1[0-2]|0?[1-9])(?![0-9a-z%/])"), _day_month, asked=True),
    DayRule(re.compile(f"{_NOT_IN_NUMBER}{_N}{{1,3}} ?月份?(?![0-9{_N[1:-1]}底初末中上下经])"), _too_wide, asked=True),
)  # fmt: skip
"""In the order in which they are tried; where two meet at the same place, the longer wins."""
