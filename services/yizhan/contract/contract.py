"""A contract: one value that timers, alerts and the compliance report all go by, so that they cannot disagree."""

import hashlib
from dataclasses import dataclass, field

from yizhan.contract.calendar import DAY_MINUTES, WEEK_DAYS, Span
from yizhan.contract.calendar_plan import CalendarPlan
from yizhan.contract.clauses import (
    ALWAYS,
    Compensation,
    Exclusion,
    FirstResponse,
    Handoff,
    Retention,
    Targets,
    Tickets,
    Waiting,
)

EXCLUSIONS = (
    Exclusion.OFF_HOURS,
    Exclusion.CUSTOMER_SILENCE,
    Exclusion.CUSTOMER_LEFT,
    Exclusion.PLANNED_MAINTENANCE,
    Exclusion.TRIALS,
)


class NoSuchCalendar(LookupError):
    """The contract has no calendar of this name."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What `file.parse_contract` made of a file; ``canonical`` has the text that a store keeps of it.

    ``zone`` is an IANA name. ``calendars`` are in the order of their names and without `ALWAYS`.
    """

    id: str
    title: str = ""
    zone: str = "Asia/Shanghai"
    calendars: tuple[CalendarPlan, ...] = ()
    first_response: FirstResponse = field(default_factory=FirstResponse)
    handoff: Handoff = field(default_factory=Handoff)
    tickets: Tickets = field(default_factory=Tickets)
    waiting: Waiting = field(default_factory=Waiting)
    targets: Targets = field(default_factory=Targets)
    exclusions: tuple[Exclusion, ...] = EXCLUSIONS
    retention: Retention = field(default_factory=Retention)
    compensation: Compensation = field(default_factory=Compensation)

    @property
    def version(self) -> str:
        """16 hex digits that are the same for the same content, and for no other. Reckoned anew each time: keep it."""
        from yizhan.contract.canonical import canonical

        return version_of(canonical(self))

    def calendar(self, name: str) -> CalendarPlan:
        """A calendar that one of the clauses names. Raises NoSuchCalendar."""
        if name == ALWAYS:
            return always(self.zone)
        for plan in self.calendars:
            if plan.name == name:
                return plan
        raise NoSuchCalendar(name)


def always(zone: str) -> CalendarPlan:
    """The calendar that is never closed."""
    return CalendarPlan(ALWAYS, zone, ((Span(0, DAY_MINUTES),),) * WEEK_DAYS)


def version_of(text: str) -> str:
    """The version of the contract whose canonical text this is, for whoever keeps the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
