"""Words for times of day in a folded text, Chinese and English: points, stretches, parts of the day.

An hour without a part of the day (三点, "at 3") is the one of the two that lies in the business's day; when both or neither do it is
asked for. Parts of the day are stretches, as people use the words; 晚上 ends at ten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from yizhan.dialogue.tasks.slots.moments import Hours
from yizhan.dialogue.tasks.slots.numerals import whole
from yizhan.dialogue.tasks.slots.reading import Reason

_PARTS = {
    "凌晨": (0, 6), "清晨": (6, 9), "清早": (6, 9), "一大早": (6, 9), "大清早": (6, 9), "早上": (6, 12), "早晨": (6, 10), "早": (6, 12),
    "上午": (8, 12), "午前": (8, 12), "中午": (11, 14), "正午": (11, 14), "午间": (11, 14), "下午": (12, 18), "午后": (12, 18),
    "傍晚": (17, 19), "晚上": (18, 22), "晚间": (18, 22), "晚": (18, 22), "夜": (18, 22), "夜里": (20, 24), "夜间": (20, 24),
    "半夜": (0, 6), "深夜": (22, 24),
    "morning": (8, 12), "noon": (11, 14), "midday": (11, 14), "afternoon": (12, 18), "evening": (18, 22), "night": (18, 22),
    "tonight": (18, 22), "lunchtime": (11, 14),
}  # fmt: skip
"""From which hour to which."""
_MORNINGS = frozenset(
    ("凌晨", "清晨", "清早", "一大早", "大清早", "早上", "早晨", "早", "上午", "午前", "半夜", "morning", "am")
)
_EVENINGS = frozenset(
    (
        "下午",
        "午后",
        "傍晚",
        "晚上",
        "晚间",
        "晚",
        "夜",
        "夜里",
        "夜间",
        "深夜",
        "afternoon",
        "evening",
        "night",
        "tonight",
        "pm",
    )
)
_MIDDAYS = frozenset(("中午", "正午", "午间", "noon", "midday", "lunchtime"))

_N = "[0-9零〇一二两三四五六七八九十]"
_LONE = "(?<=[今明昨])[早晚夜](?!点[^0-9])|(?<=[天日号一二三四五六1-6])[早晚](?![点到些上])"
_PART = "凌晨|大清早|一大早|清晨|清早|早上|早晨|上午|午前|中午|正午|午间|下午|午后|傍晚|晚上|晚间|夜里|夜间|半夜|深夜"
_CN_PART = f"(?:({_PART}|{_LONE}) ?的? ?[,，]? ?)?"
_HOUR = f"(?<!{_N}){_N}{{1,3}}"
_MINUTES = f"(?:钟|整|(半)|(?:过)?([一1三3]) ?刻|({_N}{{1,3}}) ?分?(?![0-9月号日天个]))?"
_O_CLOCK = "(?:点|时(?!间|候|尚|常|代|效))"
_TO = " ?(?:到|至|-|~|——|to|until|till) ?"
_MERIDIEM = r"(am|pm|a\.m\.?|p\.m\.?)(?![a-z])"
_EN_PART = r"(?: (?:in the |at )?(morning|afternoon|evening|night))?"

_CHINESE = re.compile(f"{_CN_PART}({_HOUR}) ?{_O_CLOCK} ?{_MINUTES}")
_FIGURES = re.compile(
    rf"{_CN_PART}(?<![0-9:.])([01]?[0-9]|2[0-9]) ?: ?([0-9]{{2}})(?::[0-9]{{2}})?(?![0-9:])(?: ?{_MERIDIEM})?{_EN_PART}"
)
_HOURS_TO = re.compile(f"{_CN_PART}(?<![0-9.:/-])({_N}{{1,3}}){_TO}({_N}{{1,3}}) ?点(?:钟)?")
_ENGLISH = re.compile(rf"(?<![0-9a-z:.])([0-9]{{1,2}}) ?{_MERIDIEM}")
_ENGLISH_TO = re.compile(rf"(?<![0-9a-z:.])([0-9]{{1,2}})(?:{_TO})([0-9]{{1,2}}) ?{_MERIDIEM}")
_AT = re.compile(
    rf"(?<![a-z])(?:at|around|about) ([0-9]{{1,2}})(?: o'?clock)?(?![0-9a-z:.%])(?! ?(?:a\.?m|p\.?m)){_EN_PART}"
)
_OCLOCK = re.compile(rf"(?<![0-9a-z:.])([0-9]{{1,2}}) ?o'?clock{_EN_PART}")
_PART_ALONE = re.compile(f"{_PART}|{_LONE}")
_EN_PART_ALONE = re.compile(
    "(?<![a-z])(?:in the |at )?(morning|afternoon|evening|tonight|night|noon|midday|lunchtime)s?(?![a-z])(?<!good morning)(?<!good afternoon)(?<!good evening)(?<!good night)"
)
_ANY_HOUR = re.compile(
    "全天|一?整天|一天都(?:行|可以|在)|(?:几点|什么时间|哪个时间)都(?:行|可以|好)|随便(?:几点|什么时间|哪个时间)|上午下午都(?:行|可以|好)|(?<![a-z])(?:all day|any time of (?:the )?day)(?![a-z])"
)
_A_BIT = re.compile("[早快晚慢多少大小有差好近便]一点|一点[都也不儿没就点]")


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """The hours in which the business sees people: they decide whether 三点 is at night or in the afternoon."""

    first: int = 8
    last: int = 20


@dataclass(frozen=True, slots=True)
class HourWords:
    """Where a time is spoken of in a folded text. ``part``: what part of the day was said with it, "" if none."""

    start: int
    end: int
    meaning: Hours | Reason
    part: str = ""


def hour_words(text: str, day: BusinessDay) -> list[HourWords]:
    """Every mention of a time of day, in order, none inside another; "A to B" is one mention."""
    found = [words for pattern, read in _RULES for match in pattern.finditer(text) if (words := read(match, day))]
    kept: list[HourWords] = []
    for each in sorted(found, key=lambda words: (words.start, -words.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return _joined(text, kept, day)


def _words(match: re.Match[str], meaning: Hours | Reason, part: str | None) -> HourWords:
    return HourWords(match.start(), match.end(), meaning, part or "")


def _chinese(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    part, hour, half, quarter, minutes = match.groups()
    if hour == "一" and not part and _A_BIT.search(match.string, max(0, match.start() - 1), match.end() + 1):
        return None
    if minutes is not None:
        minute = whole(minutes)
    else:
        minute = 30 if half else {"一": 15, "1": 15, "三": 45, "3": 45}[quarter] if quarter else 0
    return _words(match, _point(whole(hour), minute, part, day, exact=False), part)


def _figures(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    part, hour, minute, meridiem, english = match.groups()
    part = part or _meridiem(meridiem) or english
    return _words(match, _point(int(hour), int(minute), part, day, exact=len(hour) == 2), part)


def _hours_to(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    part, first, last = match.groups()
    return _words(match, _stretch(whole(first), whole(last), part, part, day), part)


def _english(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    part = _meridiem(match[2])
    return _words(match, _point(int(match[1]), 0, part, day, exact=False), part)


def _english_to(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    part = _meridiem(match[3])
    before = None if int(match[1]) > int(match[2]) else part
    return _words(match, _stretch(int(match[1]), int(match[2]), before, part, day), part)


def _bare(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    return _words(match, _point(int(match[1]), 0, match[2], day, exact=False), match[2])


def _part_alone(match: re.Match[str], _day: BusinessDay) -> HourWords | None:
    return _words(match, _part_of_day(match.group()), match.group())


def _english_part(match: re.Match[str], _day: BusinessDay) -> HourWords | None:
    return _words(match, _part_of_day(match[1]), match[1])


def _any_hour(match: re.Match[str], day: BusinessDay) -> HourWords | None:
    return _words(match, Hours(time(day.first), time(day.last % 24)), match.group())


Reader = Callable[[re.Match[str], BusinessDay], HourWords | None]
_RULES: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_HOURS_TO, _hours_to),
    (_CHINESE, _chinese),
    (_FIGURES, _figures),
    (_ENGLISH_TO, _english_to),
    (_ENGLISH, _english),
    (_AT, _bare),
    (_OCLOCK, _bare),
    (_ANY_HOUR, _any_hour),
    (_PART_ALONE, _part_alone),
    (_EN_PART_ALONE, _english_part),
)


def _meridiem(text: str | None) -> str | None:
    return None if text is None else text.replace(".", "")


def _part_of_day(part: str) -> Hours:
    first, last = _PARTS[part]
    return Hours(time(first), time(last % 24))


def _point(hour: int | None, minute: int | None, part: str | None, day: BusinessDay, *, exact: bool) -> Hours | Reason:
    if hour is None or minute is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return Reason.BAD_TIME
    found = _hour_of(hour % 24, part, day, exact=exact)
    return found if isinstance(found, Reason) else Hours(time(found, minute))


def _hour_of(hour: int, part: str | None, day: BusinessDay, *, exact: bool) -> int | Reason:
    if part is None:
        return _in_business(hour, day) if hour <= 12 and not exact else hour
    if part in _MORNINGS:
        return _in_morning(hour, part)
    if part in _MIDDAYS:
        return hour + 12 if 1 <= hour <= 3 else hour if 10 <= hour <= 15 else Reason.BAD_TIME
    if hour == 12:
        return 12 if part in ("下午", "午后", "afternoon", "pm") else Reason.MORNING_OR_EVENING
    if part == "晚上" and hour < 5 and hour:
        return Reason.MORNING_OR_EVENING
    return hour + 12 if hour < 12 else hour


def _in_morning(hour: int, part: str) -> int | Reason:
    if hour == 12:
        return 0 if part in ("凌晨", "半夜", "am") else 12 if part in ("上午", "早上") else Reason.BAD_TIME
    return hour if hour < 12 else Reason.BAD_TIME


def _in_business(hour: int, day: BusinessDay) -> int | Reason:
    """Of the two hours with this name the one in the business's day."""
    fitting = [each for each in (hour % 12, hour % 12 + 12) if day.first <= each < day.last]
    return fitting[0] if len(fitting) == 1 else Reason.MORNING_OR_EVENING


def _stretch(
    first: int | None, last: int | None, part: str | None, end_part: str | None, day: BusinessDay
) -> Hours | Reason:
    start = _point(first, 0, part, day, exact=False)
    end = _point(last, 0, end_part, day, exact=False)
    return _between(start, end)


def _between(start: Hours | Reason, end: Hours | Reason) -> Hours | Reason:
    if isinstance(start, Reason):
        return start
    if isinstance(end, Reason):
        return end
    last = end.start if end.end is None else end.end
    if last <= start.start and last != time(0):
        afternoon = last.replace(hour=last.hour + 12) if last.hour < 12 else last
        return Hours(start.start, afternoon) if afternoon > start.start else Reason.BACKWARDS
    return Hours(start.start, last)


def _joined(text: str, found: list[HourWords], day: BusinessDay) -> list[HourWords]:
    joined: list[HourWords] = []
    for each in found:
        before = joined[-1] if joined else None
        gap = text[before.end : each.start] if before is not None and each.start - before.end < 8 else None
        if before is None or gap is None:
            joined.append(each)
        elif re.fullmatch(_TO, gap) or (gap == "-" and before.part):
            joined[-1] = HourWords(before.start, each.end, _until(text, before, each, day), before.part)
        else:
            joined.append(each)
    return joined


def _until(text: str, first: HourWords, second: HourWords, day: BusinessDay) -> Hours | Reason:
    """From the first to the second; 下午三点到五点: both are in the afternoon."""
    end = second.meaning
    if first.part and not second.part:
        again = (
            read(match, day)
            for pattern, read in ((_CHINESE, _chinese), (_FIGURES, _figures))
            if (match := pattern.match(text, second.start))
        )
        words = next((each for each in again if each), None)
        if words is not None and isinstance(words.meaning, Hours):
            end = _same_half(first, words.meaning)
        elif isinstance(first.meaning, Hours) and isinstance(end, Reason):
            end = Reason.MORNING_OR_EVENING
    return _between(first.meaning, end)


def _same_half(first: HourWords, end: Hours) -> Hours:
    start = first.meaning
    if isinstance(start, Hours) and end.start < start.start and end.start.hour < 12:
        return Hours(end.start.replace(hour=end.start.hour + 12), end.end)
    return end
