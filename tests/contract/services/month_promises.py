"""What customers are promised in October 2026, in the words of whoever checks it: numbers, and minutes that are open.

Nothing here asks the product's calendars or contracts. The days off and the make-up workday are those that the State Council
arranged for 国庆 2026 (1 to 7 October off, Saturday the 10th worked), the hours are lists of strings, and open time is counted
minute by minute. The contract's text, which the service is given, is written from the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from tests.unit.contract.calendars.oracle import Minutes

Hours = tuple[str, ...]
CLOSED: Hours = ()

SHANGHAI = timedelta(hours=8)
KNOWN_DAYS = 62
DAYS_OFF = {date(2026, 10, day) for day in range(1, 8)}
WORKED = {date(2026, 10, 10)}

DESK = "desk"
ALWAYS = "always"


def local(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """In 2026, by the wall clock of Shanghai."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC) - SHANGHAI


BEGINS = local(10, 1)
ENDS = local(11, 1)

CHANGES = local(10, 16, 11, 59, 30)
"""Friday, half a minute before lunch: a new contract is published."""

SPECIAL_DAYS_CHANGE = local(10, 16, 13, 59, 45)
"""A quarter of a minute before the new contract's lunch ends: the table of special days is changed."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract. Times in seconds; ``ladder`` has (seconds, level); ``rests`` are the statuses that rest a ticket's clock."""

    name: str
    weekdays: Hours
    saturdays: Hours
    make_up: Hours
    window: int
    offer: int
    nobody: int
    ladder: tuple[tuple[int, int], tuple[int, int]]
    first: int
    following: int
    response: int
    solution: int
    urgent_response: int
    urgent_solution: int
    rests: tuple[str, ...]
    lead: int
    retry: int

    @property
    def text(self) -> str:
        (to_group, _), (to_supervisors, _) = self.ladder
        return f"""\
contract: {self.name}
zone: Asia/Shanghai
calendars:
  {DESK}:
    hours:
      mon-fri: {list(self.weekdays)}
{f"      sat: {list(self.saturdays)}" if self.saturdays else ""}
    holidays: CN
    make_up_hours: {list(self.make_up)}
handoff:
  calendar: {DESK}
  window: {self.window}s
  offer: {self.offer}s
  nobody: {self.nobody}s
  agent_first_response: {self.first}s
  agent_next_response: {self.following}s
  escalation:
    - {{after: {to_group}s, to: group}}
    - {{after: {to_supervisors}s, to: supervisors}}
    - {{after: {self.window}s, to: ticket}}
tickets:
  calendar: {DESK}
  response: {self.response}s
  solution: {self.solution}s
  priorities:
    urgent: {{response: {self.urgent_response}s, solution: {self.urgent_solution}s, calendar: always}}
  paused_by: {list(self.rests)}
waiting:
  callback: {{lead: {self.lead}s, latest: 14d, tries: 2, retry: {self.retry}s}}
"""

    def hours(self, day: date) -> Hours:
        if day in DAYS_OFF:
            return CLOSED
        if day in WORKED:
            return self.make_up
        return (self.weekdays, self.saturdays, CLOSED)[max(0, day.weekday() - 4)]


MINUTE, HOUR = 60, 3600
GROUPS, SUPERVISORS = 1, 3

OLD = Paper(
    name="autumn",
    weekdays=("09:00-12:00", "13:30-18:00"),
    saturdays=CLOSED,
    make_up=("09:00-12:00", "13:00-17:00"),
    window=60,
    offer=15,
    nobody=10,
    ladder=((20, GROUPS), (40, SUPERVISORS)),
    first=60,
    following=5 * MINUTE,
    response=2 * HOUR,
    solution=24 * HOUR,
    urgent_response=30 * MINUTE,
    urgent_solution=4 * HOUR,
    rests=("pending",),
    lead=10 * MINUTE,
    retry=30 * MINUTE,
)
NEW = Paper(
    name="winter",
    weekdays=("08:30-12:30", "14:00-19:00"),
    saturdays=("10:00-16:00",),
    make_up=("10:00-15:00",),
    window=90,
    offer=20,
    nobody=15,
    ladder=((25, GROUPS), (50, SUPERVISORS)),
    first=45,
    following=3 * MINUTE,
    response=1 * HOUR,
    solution=12 * HOUR,
    urgent_response=20 * MINUTE,
    urgent_solution=2 * HOUR,
    rests=("pending", "on_hold"),
    lead=5 * MINUTE,
    retry=20 * MINUTE,
)

ON_DUTY: Mapping[date, Hours] = {
    date(2026, 10, 5): ("10:00-14:00",),
    date(2026, 10, 13): CLOSED,
    date(2026, 10, 21): ("09:00-12:00",),
}
"""The special days at first: somebody is there in the middle of the holidays, one Tuesday nobody, one afternoon nobody."""

STOCKTAKING: Mapping[date, Hours] = {
    date(2026, 10, 5): ("10:00-14:00",),
    date(2026, 10, 20): CLOSED,
    date(2026, 10, 21): ("10:00-12:00", "15:00-20:00"),
    date(2026, 10, 24): CLOSED,
}
"""And after the change: one day fewer, two more, another one otherwise."""


@dataclass(eq=False)
class Phase:
    """What holds for every clock that starts from ``since`` on, until the next phase does.

    ``contract`` is the version's name, told by whoever published it; ``calendar`` that of the desk's hours, as the first clock
    that started under them named it.
    """

    number: int
    since: datetime
    paper: Paper = field(repr=False)
    special: Mapping[date, Hours] = field(repr=False)
    contract: str = ""
    calendar: str = ""

    @cached_property
    def desk(self) -> Minutes:
        return Minutes(BEGINS, open_minutes(self.paper, self.special))

    def hours(self, priority: str) -> Minutes:
        """Those that a ticket of this priority goes by."""
        return ALL_DAY if priority == "urgent" else self.desk

    def is_open(self, at: datetime) -> bool:
        return self.desk.is_open(at)

    def after(self, start: datetime, seconds: float) -> datetime:
        return self.desk.walk_fast(start, timedelta(seconds=seconds))

    def reopens(self, at: datetime) -> datetime:
        return known(self.desk.next_open(at))

    def search_ends(self, start: datetime, seconds: int) -> datetime:
        """Nobody is looked for once people have gone home."""
        return min(self.after(start, seconds), known(self.desk.next_close(start)))


def open_minutes(paper: Paper, special: Mapping[date, Hours]) -> Sequence[bool]:
    found: list[bool] = []
    for number in range(KNOWN_DAYS):
        day = date(2026, 10, 1) + timedelta(days=number)
        minutes = bytearray(1440)
        for span in special.get(day, paper.hours(day)):
            begin, end = (int(at[:2]) * 60 + int(at[3:]) for at in span.split("-"))
            minutes[begin:end] = b"\1" * (end - begin)
        found += map(bool, minutes)
    return found


ALL_DAY = Minutes(BEGINS, [True] * (KNOWN_DAYS * 1440))


def phases() -> list[Phase]:
    return [
        Phase(0, BEGINS, OLD, ON_DUTY),
        Phase(1, CHANGES, NEW, ON_DUTY),
        Phase(2, SPECIAL_DAYS_CHANGE, NEW, STOCKTAKING),
    ]


def known(at: datetime | None) -> datetime:
    assert at is not None, "beyond what the oracle knows"
    return at
