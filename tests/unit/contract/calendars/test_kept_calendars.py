"""Clocks keep the calendar under which they started: what is decided later, or known later, alters no past figure."""

import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.unit.contract.calendars.weeks import CLOSED, SHOP, at
from yizhan.contract.arrangements import resolve
from yizhan.contract.business_time import add, between
from yizhan.contract.calendar import Calendar, calendar_of
from yizhan.contract.calendar_plan import Override

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
PROMISED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Clock:
    """As a ledger keeps it: the calendar as its version, and when it ran."""

    started: datetime
    ended: datetime
    version: str


@dataclass(frozen=True, slots=True)
class Figure:
    due: datetime
    taken: timedelta


def figures(clocks: list[Clock], kept: dict[str, str]) -> list[Figure]:
    read = {version: calendar_of(text) for version, text in kept.items()}
    return [
        Figure(add(read[each.version], each.started, PROMISED), between(read[each.version], each.started, each.ended))
        for each in clocks
    ]


def some_clocks(calendar: Calendar, first: datetime, days: int) -> list[Clock]:
    chance = random.Random(first.isoformat())
    starts = [first + timedelta(seconds=chance.randrange(days * 86400)) for _ in range(500)]
    return [Clock(start, start + timedelta(hours=chance.uniform(0, 200)), calendar.version) for start in starts]


def test_an_override_made_mid_month_alters_no_clock_that_keeps_the_earlier_calendar() -> None:
    """On the 15th the 18th to 20th are closed. Clocks that run over these days and began before count them still."""
    before = resolve(SHOP, (), *YEAR)
    kept = {before.version: before.to_json()}
    clocks = some_clocks(before, at("2026-11-01 00:00+08:00"), 14)
    told = figures(clocks, kept)

    decided = [Override(date(2026, 11, day), CLOSED, "moving house") for day in (18, 19, 20)]
    after = resolve(SHOP, decided, *YEAR)
    kept[after.version] = after.to_json()
    newer = some_clocks(after, at("2026-11-15 00:00+08:00"), 3)

    assert figures([*clocks, *newer], kept)[: len(clocks)] == told
    under_the_earlier = [Clock(each.started, each.ended, before.version) for each in newer]
    assert all(
        new.due > old.due for new, old in zip(figures(newer, kept), figures(under_the_earlier, kept), strict=True)
    ), "whoever asks on the 15th or later is promised a later time, as those days are closed"
    reckoned_anew = [Clock(each.started, each.ended, after.version) for each in clocks]
    assert figures(reckoned_anew, kept) != told, "the override would have changed earlier figures, had they not kept it"


def test_a_kept_calendar_needs_no_library_of_holidays() -> None:
    """What a newer release of it says of that year makes no difference: it is not even asked."""
    calendar = resolve(SHOP, (), *YEAR)
    program = """if True:
        import sys
        sys.modules["holidays"] = None  # importing it fails
        from datetime import datetime, timedelta
        from yizhan.contract.business_time import add
        from yizhan.contract.calendar import calendar_of
        start = datetime.fromisoformat("2026-09-30T17:30:00+08:00")
        print(add(calendar_of(sys.stdin.read()), start, timedelta(hours=1)).isoformat())
    """
    ran = subprocess.run(
        [sys.executable, "-c", program], input=calendar.to_json(), capture_output=True, text=True, check=True
    )
    assert at(ran.stdout.strip()) == at("2026-10-08 09:30+08:00")
