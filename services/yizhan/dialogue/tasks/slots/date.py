"""A date, with the time of day where one is said and wanted: 下周三下午, 后天上午十点半, 11月3号, "tomorrow at 3pm"."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import pairwise

from yizhan.dialogue.tasks.slots.calendar_days import later
from yizhan.dialogue.tasks.slots.day_rule import Days
from yizhan.dialogue.tasks.slots.day_words import DayWords, day_words
from yizhan.dialogue.tasks.slots.digression import asks, beside_the_point
from yizhan.dialogue.tasks.slots.hour_words import BusinessDay, HourWords, hour_words
from yizhan.dialogue.tasks.slots.moments import Hours, Moment
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Span, Unclear
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

_LONGEST_GAP = 12
_BOUND_AFTER = re.compile("(?:左右)? ?(?:之前|以前|之后|以后|前(?![台面门天去后往])|后(?![天面门来]))")
_BOUND_BEFORE = re.compile("(?<![a-z])(?:before|after) $")
_BOUND_REACH = 8
_SURE_UNASKED = frozenset({Reason.BAD_DATE, Reason.BAD_TIME, Reason.NO_TIME, Reason.MORNING_OR_EVENING})
"""What may be wrong with a day in passing that is meant for the task: 昨天到的 and 双11买的 are not."""
_IDLE = frozenset({Reason.TOO_WIDE, Reason.HOLIDAY, Reason.NO_DAY, Reason.PAST})
"""What is in many a sentence that is no answer: 我买的壶现在运到哪儿了."""
_BREAK = re.compile(r"[0-9。!?;\n]")


@dataclass(frozen=True, slots=True)
class DateRules:
    """``time``: whether a time of day is left alone, taken when said, or wanted. ``most_days``: how far ahead a day may be.

    ``several_days``: a stretch of days (这周末) is an answer.
    """

    past: bool = False
    several_days: bool = False
    time: str = "taken"
    most_days: int = 3660
    business_day: BusinessDay = field(default_factory=BusinessDay)


LEFT, TAKEN, WANTED = "left", "taken", "wanted"
"""What ``DateRules.time`` may be."""


def read(text: str, rules: DateRules, context: Context) -> Reading:
    """The day as in ``Moment.canonical``. ``Context.now`` says what today is; a day before it is Unclear unless allowed."""
    reading = _read(text, rules, context)
    if reading is None:
        return None
    if context.asked:
        idle = isinstance(reading, Unclear) and reading.reason in _IDLE
        return None if idle and beside_the_point(text, reading.span.start, reading.span.end) else reading
    timed = isinstance(reading, Found) and "T" in reading.value
    if not timed and asks(text):
        return None
    if isinstance(reading, Unclear) and reading.reason not in _SURE_UNASKED:
        return None
    return reading


def _read(text: str, rules: DateRules, context: Context) -> Reading:
    spelled = spell(text)
    mentions = day_words(spelled.text, context.now.date(), asked=context.asked)
    times = [] if rules.time == LEFT else hour_words(spelled.text, rules.business_day)
    if not mentions:
        if context.asked and times:
            return Unclear(Reason.NO_DAY, spelled.span(times[0].start, times[-1].end))
        return None
    words = _meant(spelled.text, mentions)
    span = spelled.span(words.start, words.end)
    if isinstance(words.meaning, Reason):
        return Unclear(words.meaning, span)
    return _dated(spelled, words, words.meaning, times, rules, context)


def _meant(text: str, mentions: list[DayWords]) -> DayWords:
    """One mention for all: the same day said twice (明天，11月23号), or a stretch and a day in it (这周末，周六)."""
    known = [each for each in mentions if isinstance(each.meaning, Days)]
    inner = min(known or mentions, key=_length)
    if any(not _within(inner.meaning, each.meaning) for each in known):
        return replace(mentions[0], end=mentions[-1].end, meaning=Reason.SEVERAL)
    near = all(_one_thought(text[one.end : other.start]) for one, other in pairwise(mentions))
    return replace(inner, start=mentions[0].start, end=mentions[-1].end) if near else inner


def _length(words: DayWords) -> int:
    return (words.meaning.last - words.meaning.first).days if isinstance(words.meaning, Days) else 0


def _within(inner: Days | Reason, outer: Days | Reason) -> bool:
    return (
        isinstance(inner, Days) and isinstance(outer, Days) and outer.first <= inner.first and inner.last <= outer.last
    )


def _dated(
    spelled: Spelled, words: DayWords, days: Days, times: list[HourWords], rules: DateRules, context: Context
) -> Reading:
    near, start, end = _beside(spelled.text, words, times)
    span = spelled.span(start, end)
    if days.first != days.last:
        return _stretch(days, span, rules, context)
    if _BOUND_AFTER.match(spelled.text, end) or _BOUND_BEFORE.search(spelled.text, max(0, start - _BOUND_REACH), start):
        return Unclear(Reason.NO_TIME if near else Reason.WHICH_DAY, span)
    hours = _time_said(near, rules)
    if isinstance(hours, Reason):  # no time makes a good day of one that is over
        return Unclear(_outside(Moment(days.first), rules, context.now) or hours, span)
    moment = Moment(days.first, hours=hours)
    reason = _outside(moment, rules, context.now)
    return Unclear(reason, span) if reason else Found(moment.canonical, moment.shown(context.language), span)


def _stretch(days: Days, span: Span, rules: DateRules, context: Context) -> Reading:
    """Several days: an answer where they are wanted, and not over yet."""
    today = context.now.date()
    if not rules.several_days:
        return Unclear(Reason.PAST if days.last < today and not rules.past else Reason.WHICH_DAY, span)
    if days.first < today and not rules.past:
        return Unclear(Reason.PAST, span)
    if days.last > later(today, rules.most_days):
        return Unclear(Reason.TOO_FAR, span)
    moment = Moment(days.first, last=days.last)
    return Found(moment.canonical, moment.shown(context.language), span)


def _beside(text: str, words: DayWords, times: list[HourWords]) -> tuple[list[HourWords], int, int]:
    """The times that stand beside the day, or beside each other beside it, and where they all begin and end."""
    start, end = words.start, words.end
    near: list[HourWords] = []
    for each in times:
        if each.start >= end and _one_thought(text[end : each.start]):
            near.append(each)
            end = each.end
    for each in reversed(times):
        if each.end <= start and _one_thought(text[each.end : start]):
            near.append(each)
            start = each.start
    inside = [each for each in times if words.start <= each.start and each.end <= words.end]
    return near + inside, start, end


def _one_thought(gap: str) -> bool:
    return len(gap) <= _LONGEST_GAP and not _BREAK.search(gap)


def _time_said(near: list[HourWords], rules: DateRules) -> Hours | Reason | None:
    """下午……三点 are one time: the part of the day and the hour in it."""
    if not near:
        return Reason.NO_TIME if rules.time == WANTED else None
    points = [each for each in near if not _is_part(each)]
    if len({each.meaning for each in points or near}) > 1:
        return Reason.SEVERAL
    return (points or near)[0].meaning


def _is_part(words: HourWords) -> bool:
    return bool(words.part) and isinstance(words.meaning, Hours) and words.meaning.end is not None


def _outside(moment: Moment, rules: DateRules, now: datetime) -> Reason | None:
    if moment.day > later(now.date(), rules.most_days):
        return Reason.TOO_FAR
    if rules.past or not _over(moment, now.date(), now.time()):
        return None
    return Reason.PAST


def _over(moment: Moment, today: date, clock: time) -> bool:
    if moment.day != today or moment.hours is None:
        return moment.day < today
    last = moment.hours.start if moment.hours.end is None else moment.hours.end
    return last <= clock and last != time(0)
