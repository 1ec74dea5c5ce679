"""Which marks move a clock: its first start, and the first end after that. All others change nothing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.metrics.facts import START, Entry

Case = tuple[str, str]
"""A clock's name and the key of what it runs for."""

REPEATED = "repeated"
"""The clock was started, or ended, before: later messages of a session, events that came twice."""

NOT_RUNNING = "not_running"
"""An end of a clock that nobody started: most conversations are closed without ever asking for a human."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A mark that changed nothing, and why."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A clock that has come to its end, and how long it ran."""

    entry: Entry
    seconds: float


@dataclass(frozen=True, slots=True)
class Moved:
    """What a batch of marks does to the ledger: ``lines`` are new, in the order in which they are written."""

    lines: Sequence[Entry]
    ended: Sequence[Ended]
    dropped: Sequence[Dropped]


def case_of(entry: Entry) -> Case:
    return entry.clock, entry.case


def move(entries: Iterable[Entry], ledger: Mapping[Case, Mapping[str, datetime]]) -> Moved:
    """Sort marks by whether they move a clock. ``ledger`` has the marks of their cases, with the time of each.

    Starts come first: a start and its end may arrive together, and in any order.
    """
    marks = {case: dict(known) for case, known in ledger.items()}
    lines: list[Entry] = []
    ended: list[Ended] = []
    dropped: list[Dropped] = []
    for entry in sorted(entries, key=lambda entry: entry.mark != START):
        known = marks.setdefault(case_of(entry), {})
        if START in known if entry.mark == START else known.keys() - {START}:
            dropped.append(Dropped(entry, REPEATED))
            continue
        if entry.mark != START:
            if START not in known:
                dropped.append(Dropped(entry, NOT_RUNNING))
                continue
            ended.append(Ended(entry, max(0.0, (entry.at - known[START]).total_seconds())))
        known[entry.mark] = entry.at
        lines.append(entry)
    return Moved(lines, ended, dropped)
