"""A contract as lines for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from yizhan.contract.calendar import Spans
from yizhan.contract.calendar_plan import CalendarPlan
from yizhan.contract.clauses import Figure, Promise, TicketTimes, Tier
from yizhan.contract.contract import Contract
from yizhan.contract.durations import written
from yizhan.contract.hours import DAYS, shown
from yizhan.contract.shares import percent

_WIDTH = 17


def lines(contract: Contract, unconfirmed: Mapping[str, Sequence[date]]) -> Iterator[str]:
    """``unconfirmed`` has the coming days of each calendar that may still change."""
    yield _row("contract", f"{contract.id} {contract.title}".rstrip())
    yield _row("version", contract.version)
    yield _row("zone", contract.zone)
    for plan in contract.calendars:
        yield _row("calendar", f"{plan.name}: {_hours(plan)}")
        days = unconfirmed.get(plan.name, ())
        if days:
            yield _row("", f"not confirmed yet: {', '.join(_ranges(days))}")
    first = contract.first_response
    yield _row("first response", f"real time {_promise(first.realtime)}; e-mail {_promise(first.email)}")
    yield from _handoff(contract)
    yield from _tickets(contract)
    waiting = contract.waiting
    lead, latest = written(waiting.callback_lead), written(waiting.callback_latest)
    tries = f"{waiting.callback_tries} tries {written(waiting.callback_retry)} apart"
    callback = f"callback (agents are asked {lead} before, {latest} ahead at most, {tries})"
    offers = [name for name, offered in ((callback, waiting.callback), ("message", waiting.leave_message)) if offered]
    yield _row("waiting", f"told every {written(waiting.tell_every)}; offered: {', '.join(offers) or 'nothing'}")
    yield from _targets(contract)
    yield _row("not counted", ", ".join(one.value for one in contract.exclusions) or "nothing: everything counts")
    kept = contract.retention
    classes = ("responses", "transcripts", "attachments", "tickets", "profiles", "reports")
    yield _row("kept", ", ".join(f"{name} {written(getattr(kept, name))}" for name in classes))
    yield from _compensation(contract)


def _handoff(contract: Contract) -> Iterator[str]:
    handoff = contract.handoff
    yield _row(
        "hand-off",
        f"{_promise(Promise(handoff.window, handoff.calendar))}; offers {written(handoff.offer)}; "
        f"nobody online {written(handoff.nobody)}",
    )
    yield _row("", ", then ".join(f"{step.to.value} at {written(step.after)}" for step in handoff.escalation))
    yield _row(
        "agents",
        f"first words within {written(handoff.agent_first_response)}, next {written(handoff.agent_next_response)}",
    )


def _tickets(contract: Contract) -> Iterator[str]:
    label = "tickets"
    for times, same in groupby(contract.tickets.priorities, key=lambda one: one[1]):
        yield _row(label, f"{', '.join(priority.value for priority, _ in same)}: {_times(times)}")
        label = ""
    yield _row("", f"paused by: {', '.join(one.value for one in contract.tickets.paused_by) or 'nothing'}")


def _targets(contract: Contract) -> Iterator[str]:
    targets = contract.targets
    label = "targets"
    for figure in Figure:
        more = ""
        if figure is Figure.AUTO_RESOLUTION:
            more = f" ({targets.auto_resolution.counts.value})"
        if figure is Figure.AVAILABILITY:
            announced, most = targets.availability.maintenance_announced, targets.availability.maintenance_at_most
            more = f" (maintenance announced {written(announced)} before, {written(most)} a month at most)"
        yield _row(label, f"{figure.value} at least {_figure(figure, targets.of(figure))}{more}")
        label = ""


def _compensation(contract: Contract) -> Iterator[str]:
    agreed = contract.compensation
    if not agreed.tiers:
        yield _row("compensation", "none")
        return
    label = "compensation"
    for figure, tiers in agreed.tiers:
        yield _row(label, f"{figure.value} {', '.join(_tier(figure, tier) for tier in tiers)}")
        label = ""
    yield _row("", f"together at most {percent(agreed.at_most)}")


def _row(label: str, text: str) -> str:
    return f"  {label:<{_WIDTH}}{text}"


def _promise(promise: Promise) -> str:
    return f"within {written(promise.within)} ({promise.calendar})"


def _times(times: TicketTimes) -> str:
    return f"response {written(times.response)}, solution {written(times.solution)} ({times.calendar})"


def _tier(figure: Figure, tier: Tier) -> str:
    return f"below {_figure(figure, tier.below)}: {percent(tier.credit)}"


def _figure(figure: Figure, value: float) -> str:
    return f"{value:g}" if figure is Figure.SATISFACTION else percent(value)


def _hours(plan: CalendarPlan) -> str:
    days = [(_day_hours(spans), name) for spans, name in zip(plan.week, DAYS, strict=True)]
    parts = []
    for hours, same in groupby(days, key=lambda one: one[0]):
        names = [name for _, name in same]
        if hours:
            parts.append(f"{names[0]}-{names[-1]} {hours}" if len(names) > 1 else f"{names[0]} {hours}")
    holidays = [f"holidays {plan.country}"] if plan.country else []
    made_up = [] if plan.make_up is None else [f"make-up days {_day_hours(plan.make_up) or 'closed'}"]
    return "; ".join((*parts, *holidays, *made_up, plan.zone))


def _day_hours(spans: Spans) -> str:
    return " ".join(shown(span) for span in spans)


def _ranges(days: Iterable[date]) -> Iterator[str]:
    """Days in a row as one."""
    for _, row in groupby(enumerate(days), key=lambda one: one[1] - timedelta(days=one[0])):
        found = [day for _, day in row]
        yield f"{found[0]} to {found[-1]}" if len(found) > 1 else f"{found[0]}"
