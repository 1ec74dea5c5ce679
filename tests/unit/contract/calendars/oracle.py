"""Business time the slow way: every minute of UTC is asked what the wall clock shows, and whether that is open.

It shares nothing with the code under test: it reads a calendar's fields itself and knows neither days nor spans once a
minute is open or closed. Whoever knows of each minute whether it is open, from wherever, has `Minutes`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from yizhan.contract.calendar import Calendar

MINUTE = timedelta(minutes=1)
NOTHING = timedelta()
WallClock = tuple[date, int]


@lru_cache(maxsize=64)
def wall_clocks(zone: str, first: datetime, minutes: int) -> Sequence[WallClock]:
    """What a clock on the wall shows in every minute from ``first`` on: the day, and the minute of it."""
    local = ((first + number * MINUTE).astimezone(ZoneInfo(zone)) for number in range(minutes))
    return [(shown.date(), shown.hour * 60 + shown.minute) for shown in local]


class Minutes:
    """Knows which minutes of UTC are open, from ``first``, a whole minute, on; None is "not within what I know"."""

    def __init__(self, first: datetime, open_minutes: Sequence[bool]) -> None:
        assert first == first.replace(second=0, microsecond=0, tzinfo=UTC), "begin with a minute of UTC"
        self.first = first
        self.last = first + len(open_minutes) * MINUTE
        self.open = open_minutes
        self._open_before = [0, *accumulate(open_minutes)]

    def is_open(self, at: datetime) -> bool:
        return self.open[(at - self.first) // MINUTE]

    def flips(self) -> list[datetime]:
        """Every moment at which it opens or closes."""
        return [
            self.first + number * MINUTE
            for number in range(1, len(self.open))
            if self.open[number] != self.open[number - 1]
        ]

    def next_open(self, at: datetime) -> datetime | None:
        return self._next(at, True)

    def next_close(self, at: datetime) -> datetime | None:
        opens = self.next_open(at)
        return None if opens is None else self._next(opens, False)

    def walk(self, start: datetime, length: timedelta) -> datetime | None:
        """The earliest moment with ``length`` of open time behind it, minute by minute."""
        if not length:
            return start
        missing = length
        for number in range((start - self.first) // MINUTE, len(self.open)):
            if self.open[number]:
                begin = max(start, self.first + number * MINUTE)
                elapsed = self.first + (number + 1) * MINUTE - begin
                if missing <= elapsed:
                    return begin + missing
                missing -= elapsed
        return None

    def count(self, start: datetime, end: datetime) -> timedelta:
        """The open time between, minute by minute."""
        found = NOTHING
        for number in range((start - self.first) // MINUTE, len(self.open)):
            begin = self.first + number * MINUTE
            if begin >= end:
                break
            if self.open[number]:
                found += min(end, begin + MINUTE) - max(start, begin)
        return found

    def walk_fast(self, start: datetime, length: timedelta) -> datetime:
        """`walk`, by looking up how many open minutes lie before each: for ten thousand questions about one month."""
        if not length:
            return start
        wanted = self._behind(start) + length
        number = bisect_left(self._open_before, -(-wanted // MINUTE)) - 1
        assert number < len(self.open), "beyond what the oracle knows"
        return self.first + number * MINUTE + (wanted - self._open_before[number] * MINUTE)

    def count_fast(self, start: datetime, end: datetime) -> timedelta:
        return self._behind(end) - self._behind(start)

    def _behind(self, at: datetime) -> timedelta:
        number, rest = divmod(at - self.first, MINUTE)
        return self._open_before[number] * MINUTE + (rest if self.open[number] else NOTHING)

    def _next(self, at: datetime, wanted: bool) -> datetime | None:
        for number in range((at - self.first) // MINUTE, len(self.open)):
            if self.open[number] == wanted:
                return max(at, self.first + number * MINUTE)
        return None


class Oracle(Minutes):
    """Knows the ``minutes`` minutes of a calendar from ``first`` on."""

    def __init__(self, calendar: Calendar, first: datetime, minutes: int) -> None:
        special = dict(calendar.special)
        by_day: dict[date, set[int]] = {}
        found: list[bool] = []
        for day, minute in wall_clocks(calendar.zone, first, minutes):
            if day not in by_day:
                spans = special[day] if day in special else calendar.week[day.weekday()]
                by_day[day] = {at for span in spans for at in range(span.start, span.end)}
            found.append(minute in by_day[day])
        super().__init__(first, found)
