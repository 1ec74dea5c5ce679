"""The contract file as its author writes it: its keys and the types of its values. ``docs/contract.md`` explains it.

What may be left out has the standard contract's value; None where that depends on what else is stated (`building`).
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from yizhan.contract import clauses
from yizhan.contract.clauses import AutoCount, Exclusion, Pause, To
from yizhan.contract.contract import EXCLUSIONS
from yizhan.contract.reasons import NOT_A_SWITCH
from yizhan.contract.values import Country, DayHours, Duration, Id, Line, Points, Share, Zone
from yizhan.core.documents.shapes import told

MOST_CALENDARS = 50
MOST_NAMES = 50
MOST_TRIES = 10
MOST_STEPS = 3
MOST_TIERS = 20

_FIRST = clauses.FirstResponse()
_HANDOFF = clauses.Handoff()
_TIMES = clauses.TicketTimes()
_WAITING = clauses.Waiting()
_TARGETS = clauses.Targets()
_AUTO = _TARGETS.auto_resolution
_AVAILABILITY = _TARGETS.availability
_RETENTION = clauses.Retention()


def _at_least(value: Any) -> Any:
    """A target may stand as the bare figure."""
    return {"at_least": value} if isinstance(value, str) else value


def _switch(value: Any) -> Any:
    """Callbacks may stand as the bare switch."""
    if isinstance(value, str):
        if value.lower() not in {"true", "false"}:
            raise told(NOT_A_SWITCH)
        return {"offered": value}
    return value


class Strict(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Calendar(Strict):
    zone: Zone | None = None
    hours: dict[str, DayHours]
    holidays: Country = ""
    make_up_hours: DayHours | None = None


class Realtime(Strict):
    within: Duration = _FIRST.realtime.within
    calendar: str = _FIRST.realtime.calendar


class Email(Strict):
    within: Duration = _FIRST.email.within
    calendar: str = _FIRST.email.calendar


class FirstResponse(Strict):
    realtime: Realtime = Realtime()
    email: Email = Email()


class Step(Strict):
    after: Duration
    to: To


class Handoff(Strict):
    window: Duration = _HANDOFF.window
    offer: Duration | None = None
    nobody: Duration | None = None
    calendar: str = _HANDOFF.calendar
    agent_first_response: Duration = _HANDOFF.agent_first_response
    agent_next_response: Duration = _HANDOFF.agent_next_response
    escalation: Annotated[list[Step], Field(max_length=MOST_STEPS + 1)] | None = None


class PriorityTimes(Strict):
    response: Duration | None = None
    solution: Duration | None = None
    calendar: str | None = None


class Priorities(Strict):
    urgent: PriorityTimes = PriorityTimes()
    high: PriorityTimes = PriorityTimes()
    normal: PriorityTimes = PriorityTimes()
    low: PriorityTimes = PriorityTimes()


class Tickets(Strict):
    response: Duration | None = None
    solution: Duration = _TIMES.solution
    calendar: str = _TIMES.calendar
    priorities: Priorities = Priorities()
    paused_by: Annotated[list[Pause], Field(max_length=MOST_NAMES)] = list(Pause)


class Callback(Strict):
    offered: bool = _WAITING.callback
    lead: Duration = _WAITING.callback_lead
    latest: Duration = _WAITING.callback_latest
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = _WAITING.callback_tries
    retry: Duration = _WAITING.callback_retry


class Waiting(Strict):
    tell_every: Duration = _WAITING.tell_every
    callback: Annotated[Callback, BeforeValidator(_switch)] = Callback()
    leave_message: bool = _WAITING.leave_message


class AutoResolution(Strict):
    at_least: Share = _AUTO.at_least
    counts: AutoCount = _AUTO.counts


class Maintenance(Strict):
    announced: Duration = _AVAILABILITY.maintenance_announced
    at_most: Duration = _AVAILABILITY.maintenance_at_most


class Availability(Strict):
    at_least: Share = _AVAILABILITY.at_least
    maintenance: Maintenance = Maintenance()


class Targets(Strict):
    first_response: Share = _TARGETS.first_response
    transfer_success: Share = _TARGETS.transfer_success
    auto_resolution: Annotated[AutoResolution, BeforeValidator(_at_least)] = AutoResolution()
    satisfaction: Points = _TARGETS.satisfaction
    availability: Annotated[Availability, BeforeValidator(_at_least)] = Availability()
    ticket_response: Share = _TARGETS.ticket_response
    ticket_solution: Share = _TARGETS.ticket_solution


class Retention(Strict):
    responses: Duration = _RETENTION.responses
    transcripts: Duration = _RETENTION.transcripts
    attachments: Duration = _RETENTION.attachments
    tickets: Duration = _RETENTION.tickets
    profiles: Duration = _RETENTION.profiles
    reports: Duration = _RETENTION.reports


class ShareTier(Strict):
    below: Share
    credit: Share


class PointsTier(Strict):
    below: Points
    credit: Share


ShareTiers = Annotated[list[ShareTier], Field(max_length=MOST_TIERS)]
PointsTiers = Annotated[list[PointsTier], Field(max_length=MOST_TIERS)]


class Compensation(Strict):
    at_most: Share = 1.0
    first_response: ShareTiers = []
    transfer_success: ShareTiers = []
    auto_resolution: ShareTiers = []
    satisfaction: PointsTiers = []
    availability: ShareTiers = []
    ticket_response: ShareTiers = []
    ticket_solution: ShareTiers = []


class ContractFile(Strict):
    """A whole contract file."""

    contract: Id
    title: Line = ""
    zone: Zone = "Asia/Shanghai"
    calendars: Annotated[dict[Id, Calendar], Field(max_length=MOST_CALENDARS)] = {}
    first_response: FirstResponse = FirstResponse()
    handoff: Handoff = Handoff()
    tickets: Tickets = Tickets()
    waiting: Waiting = Waiting()
    targets: Targets = Targets()
    exclusions: Annotated[list[Exclusion], Field(max_length=MOST_NAMES)] = list(EXCLUSIONS)
    retention: Retention = Retention()
    compensation: Compensation = Compensation()
