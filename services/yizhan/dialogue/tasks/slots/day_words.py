"""Words for days in a folded text, Chinese and English, and the days that they mean on a given day.

A bare weekday is the next one to come (on a Wednesday, 周三 is in seven days); 这周三 is the Wednesday of this ISO week,
下周三 and "next Wednesday" that of the next. A day of a month without a year is the one nearest to today.
"""

import re
from dataclasses import dataclass
from datetime import date

from yizhan.dialogue.tasks.slots import chinese_days, english_days
from yizhan.dialogue.tasks.slots.day_rule import DayRule, Days, Meaning
from yizhan.dialogue.tasks.slots.reading import Reason

_RULES = (*chinese_days.RULES, *english_days.RULES)
_TO = re.compile(r" {0,2}(?:到|至|-|~|—|to|until|till|through) {0,2}")


@dataclass(frozen=True, slots=True)
class DayWords:
    """Where days are spoken of in a folded text, and what is meant."""

    start: int
    end: int
    meaning: Days | Reason
    rule: DayRule


def day_words(text: str, today: date, *, asked: bool) -> list[DayWords]:
    """Every mention of days, in order, none inside another; "A to B" is one mention."""
    found: list[DayWords] = []
    for rule in _RULES:
        if rule.asked and not asked:
            continue
        for match in rule.pattern.finditer(text):
            meaning = rule.meaning(match, today)
            if meaning is not None:
                found.append(DayWords(match.start(), match.end(), meaning, rule))
    return _joined(text, _apart(found))


def _apart(found: list[DayWords]) -> list[DayWords]:
    """Without those that overlap an earlier or, at the same place, a longer one."""
    kept: list[DayWords] = []
    for each in sorted(found, key=lambda words: (words.start, -words.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _joined(text: str, found: list[DayWords]) -> list[DayWords]:
    joined: list[DayWords] = []
    for each in found:
        before = joined[-1] if joined else None
        if before is not None and each.start - before.end < 10 and _TO.fullmatch(text, before.end, each.start):
            joined[-1] = DayWords(before.start, each.end, _until(before, each, text), each.rule)
        else:
            joined.append(each)
    return joined


def _until(first: DayWords, second: DayWords, text: str) -> Days | Reason:
    """From the first to the second; a weekday or a day of the month is the next one after the first."""
    if isinstance(first.meaning, Reason):
        return first.meaning
    last: Meaning = second.meaning
    if second.rule.floats and (match := second.rule.pattern.match(text, second.start, second.end)):
        again = second.rule.meaning(match, first.meaning.first)
        last = last if again is None else again
    if not isinstance(last, Days):
        return second.meaning if isinstance(second.meaning, Reason) else Reason.BAD_DATE
    if last.last < first.meaning.first:
        return Reason.BACKWARDS
    return Days(first.meaning.first, last.last)
