"""From the file's shape to the contract; days named wrongly or twice are reported on the way.

What the file leaves out and what depends on something that it states keeps to that: without an escalation of its own a
window of 30 s has the standard's steps at half their times, and an offer is never longer than the window.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from yizhan.contract import hours, reasons, shape
from yizhan.contract.calendar import WEEK_DAYS, Span, Spans
from yizhan.contract.calendar_plan import CalendarPlan
from yizhan.contract.clauses import (
    NOBODY,
    OFFER,
    RESPONSE,
    STEPS,
    WINDOW,
    AutoResolution,
    Availability,
    Compensation,
    Exclusion,
    Figure,
    FirstResponse,
    Handoff,
    Pause,
    Priority,
    Promise,
    Retention,
    Step,
    Targets,
    Tickets,
    TicketTimes,
    Tier,
    To,
    Waiting,
)
from yizhan.contract.contract import Contract
from yizhan.core.documents.nearest import nearest
from yizhan.core.documents.reasons import Reason
from yizhan.core.documents.tree import Path

Report = Callable[[Path, Reason], None]
"""Told of everything that is wrong, with its place."""


def build(file: shape.ContractFile, report: Report) -> Contract:
    """What is returned is only of use when nothing was reported."""
    return Contract(
        id=file.contract,
        title=file.title,
        zone=file.zone,
        calendars=tuple(
            plan_of(name, calendar, file.zone, report) for name, calendar in sorted(file.calendars.items())
        ),
        first_response=FirstResponse(
            Promise(file.first_response.realtime.within, file.first_response.realtime.calendar),
            Promise(file.first_response.email.within, file.first_response.email.calendar),
        ),
        handoff=_handoff(file.handoff),
        tickets=_tickets(file.tickets),
        waiting=_waiting(file.waiting),
        targets=_targets(file.targets),
        exclusions=tuple(one for one in Exclusion if one in file.exclusions),
        retention=Retention(**{name: getattr(file.retention, name) for name in shape.Retention.model_fields}),
        compensation=_compensation(file.compensation),
    )


def _waiting(file: shape.Waiting) -> Waiting:
    callback = file.callback
    return Waiting(
        file.tell_every,
        callback.offered,
        file.leave_message,
        callback.lead,
        callback.latest,
        callback.tries,
        callback.retry,
    )


def plan_of(name: str, calendar: shape.Calendar, zone: str, report: Report) -> CalendarPlan:
    """A calendar before holidays; ``zone`` where it has none of its own."""
    make_up = calendar.make_up_hours
    return CalendarPlan(
        name=name,
        zone=calendar.zone or zone,
        week=_week(calendar.hours, ("calendars", name, "hours"), report),
        country=calendar.holidays,
        make_up=None if make_up is None else tuple(make_up),
    )


def steps_within(window: timedelta) -> tuple[Step, ...]:
    """The standard's escalation, drawn out or together to another window; without steps that would then come at once."""
    stretched = (Step(_whole(step.after * (window / WINDOW)), step.to) for step in STEPS)
    return tuple(step for step in stretched if step.after)


def _whole(length: timedelta) -> timedelta:
    """Contracts are in whole seconds."""
    return timedelta(seconds=length // timedelta(seconds=1))


def _week(written: Mapping[str, Sequence[Span]], place: Path, report: Report) -> tuple[Spans, ...]:
    week: list[Spans | None] = [None] * WEEK_DAYS
    for key, spans in written.items():
        for day in _days(key, (*place, key), report):
            if week[day] is not None:
                report((*place, key), reasons.repeated_weekday(hours.DAYS[day]))
            week[day] = tuple(spans)
    return tuple(spans or () for spans in week)


def _days(key: str, place: Path, report: Report) -> tuple[int, ...]:
    try:
        return hours.weekdays(key)
    except hours.NotDays as unknown:
        report(place, reasons.not_days(unknown.name, nearest(unknown.name, (*hours.DAYS, "daily"))))
    except hours.BackwardsDays:
        report(place, reasons.BACKWARDS_DAYS)
    return ()


def _handoff(file: shape.Handoff) -> Handoff:
    window = file.window
    steps = steps_within(window) if file.escalation is None else _ended(file.escalation, window)
    return Handoff(
        window=window,
        offer=min(OFFER, window) if file.offer is None else file.offer,
        nobody=min(NOBODY, window) if file.nobody is None else file.nobody,
        calendar=file.calendar,
        agent_first_response=file.agent_first_response,
        agent_next_response=file.agent_next_response,
        escalation=steps,
    )


def _ended(written: list[shape.Step], window: timedelta) -> tuple[Step, ...]:
    """A ladder that does not say so ends with the ticket too, when the window does."""
    steps = tuple(Step(step.after, step.to) for step in written)
    ends = bool(steps) and steps[-1].to is To.TICKET
    return steps if ends else (*steps, Step(window, To.TICKET))


def _tickets(file: shape.Tickets) -> Tickets:
    response = min(RESPONSE, file.solution) if file.response is None else file.response
    base = TicketTimes(response, file.solution, file.calendar)
    times = tuple((priority, _times(getattr(file.priorities, priority.value), base)) for priority in Priority)
    return Tickets(times, tuple(one for one in Pause if one in file.paused_by))


def _times(file: shape.PriorityTimes, base: TicketTimes) -> TicketTimes:
    solution = base.solution if file.solution is None else file.solution
    response = min(base.response, solution) if file.response is None else file.response
    return TicketTimes(response, solution, base.calendar if file.calendar is None else file.calendar)


def _targets(file: shape.Targets) -> Targets:
    available = file.availability
    return Targets(
        first_response=file.first_response,
        transfer_success=file.transfer_success,
        auto_resolution=AutoResolution(file.auto_resolution.at_least, file.auto_resolution.counts),
        satisfaction=file.satisfaction,
        availability=Availability(available.at_least, available.maintenance.announced, available.maintenance.at_most),
        ticket_response=file.ticket_response,
        ticket_solution=file.ticket_solution,
    )


def _compensation(file: shape.Compensation) -> Compensation:
    """A figure without tiers is the same as one that is not there."""
    tiers = {figure: getattr(file, figure.value) for figure in Figure}
    return Compensation(
        file.at_most,
        tuple(
            (figure, tuple(Tier(one.below, one.credit) for one in found)) for figure, found in tiers.items() if found
        ),
    )
