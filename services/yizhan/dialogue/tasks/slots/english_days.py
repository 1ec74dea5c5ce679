"""English words for days. Patterns are for folded text."""

import re
from datetime import date

from yizhan.dialogue.tasks.slots import calendar_days as days
from yizhan.dialogue.tasks.slots.day_rule import DayRule, Days, Meaning, one
from yizhan.dialogue.tasks.slots.reading import Reason

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_WEEKDAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?(?![a-z])"
_SHORT_WEEKDAY = r"(mon|tues?|weds?|thurs?|thu|fri|sat|sun)(?![a-z])"
_DAY = r"(3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?(?![0-9a-z])"
_YEAR = r"(?:,? (20[0-9]{2})(?![0-9]))?"
_B = "(?<![a-z0-9])"
_E = "(?![a-z0-9])"
_WORDS = {
    "a": 1,
    "an": 1,
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
}
_COUNT = "([0-9]{1,3}|" + "|".join(_WORDS) + ")"
_RELATIVE = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}


def _on(month: str, day: str, year: str | None, today: date) -> Meaning:
    number = _MONTH_NAMES.index(month[:3]) + 1
    return one(days.on(int(year), number, int(day)) if year else days.nearest(number, int(day), today))


def _month_first(found: re.Match[str], today: date) -> Meaning:
    return _on(found[1], found[2], found[3], today)


def _day_first(found: re.Match[str], today: date) -> Meaning:
    return _on(found[2], found[1], found[3], today)


def _day_of_month(found: re.Match[str], today: date) -> Meaning:
    return one(days.next_with(int(found[1]), today))


def _relative(found: re.Match[str], today: date) -> Meaning:
    word = found.group()
    if "after" in word:
        return one(days.later(today, 2))
    if "before" in word:
        return one(days.later(today, -2))
    return one(days.later(today, _RELATIVE.get(word, 1)))


def _ahead(found: re.Match[str], today: date) -> Meaning:
    count = _WORDS.get(found[1]) or int(found[1])
    if found[2] == "month":
        return one(days.months_later(today, count))
    return one(days.later(today, count * (7 if found[2] == "week" else 1)))


def _ago(found: re.Match[str], today: date) -> Meaning:
    ahead = _ahead(found, today)
    return one(days.later(today, (today - ahead.first).days)) if isinstance(ahead, Days) else ahead


def _weekday(found: re.Match[str], today: date) -> Meaning:
    which, index = (found[1] or "").strip(), _WEEKDAY_NAMES.index(found[2][:3])
    weeks = {"this": 0, "next": 1, "last": -1}.get(which)
    if weeks is None:
        return one(days.later(today, (index - today.weekday() - 1) % 7 + 1))
    return one(days.later(days.monday(today, weeks), index))


def _weekend(found: re.Match[str], today: date) -> Meaning:
    saturday = days.later(days.monday(today, 1 if found[1] == "next " else 0), 5)
    return Days(max(saturday, today), days.later(saturday, 1))


def _week(found: re.Match[str], today: date) -> Meaning:
    first = days.monday(today, 1 if found[1] == "next" else 0)
    return Days(max(first, today), days.later(first, 6))


def _too_wide(_found: re.Match[str], _today: date) -> Meaning:
    return Reason.TOO_WIDE


def _holiday(_found: re.Match[str], _today: date) -> Meaning:
    return Reason.HOLIDAY


RULES = (
    DayRule(re.compile(f"{_B}{_MONTH} (?:the )?{_DAY}{_YEAR}"), _month_first),
    DayRule(re.compile(f"{_B}{_DAY} (?:of )?{_MONTH}{_YEAR}"), _day_first),
    DayRule(re.compile(f"{_B}(?:on )?(?:the )?(3[01]|[12][0-9]|[1-9])(?:st|nd|rd|th){_E}"), _day_of_month, asked=True),
    DayRule(
        re.compile(f"{_B}(?:(?:the )?day after tomorrow|(?:the )?day before yesterday|today|tonight|tomorrow|tomorow|tommorow|tommorrow|tmrw|tmr|yesterday){_E}"),
        _relative,
    ),
    DayRule(re.compile(f"{_B}in {_COUNT} (day|week|month)s?(?:'s)?(?: time)?{_E}"), _ahead),
    DayRule(re.compile(f"{_B}{_COUNT} (day|week|month)s? (?:later|from now|from today){_E}"), _ahead),
    DayRule(re.compile(f"{_B}{_COUNT} (day|week|month)s? ago{_E}"), _ago),
    DayRule(re.compile(f"{_B}(this |next |last |coming )?{_WEEKDAY}"), _weekday, floats=True),
    DayRule(re.compile(f"{_B}(?:on )?(this |next |last |coming ){_SHORT_WEEKDAY}"), _weekday, floats=True),
    DayRule(re.compile(f"(?:^|(?<=on )|(?<=for ))(){_SHORT_WEEKDAY}"), _weekday, asked=True, floats=True),
    DayRule(re.compile(f"{_B}(this |next |the |at the )?weekend{_E}"), _weekend),
    DayRule(re.compile(f"{_B}(this|next) week{_E}"), _week),
    DayRule(re.compile(f"{_B}(?:(?:this|next) (?:month|year)|soon|asap|as soon as possible|any ?time|any day|whenever|(?:the )?end of (?:the )?month){_E}"), _too_wide, asked=True),
    DayRule(re.compile(f"{_B}(?:christmas|new years?|easter|spring festival|national day|labou?r day|thanksgiving)(?: day| eve)?{_E}"), _holiday),
)  # fmt: skip
