"""Whether the clauses of a contract go together: what each is right alone but cannot be kept beside another."""

from collections.abc import Iterator
from itertools import pairwise

from yizhan.contract import reasons, shape
from yizhan.contract.building import Report
from yizhan.contract.clauses import ALWAYS, THREE_MONTHS, Exclusion, Figure, Pause, Priority, TicketTimes, Tier, To
from yizhan.contract.contract import Contract
from yizhan.contract.durations import written
from yizhan.contract.shares import percent
from yizhan.core.documents.nearest import nearest
from yizhan.core.documents.tree import Path


def check(file: shape.ContractFile, contract: Contract, report: Report) -> None:
    """``contract`` is what was built of ``file``."""
    _check_calendars(file, contract, report)
    _check_named(file, contract, report)
    _check_handoff(file, contract, report)
    _check_waiting(contract, report)
    _check_tickets(file, contract, report)
    _check_repeated(file, report)
    _check_retention(contract, report)
    for figure, tiers in contract.compensation.tiers:
        _check_tiers(contract, figure, tiers, report)


def _check_calendars(file: shape.ContractFile, contract: Contract, report: Report) -> None:
    if ALWAYS in file.calendars:
        report(("calendars", ALWAYS), reasons.RESERVED)
    for plan in contract.calendars:
        place: Path = ("calendars", plan.name)
        if not any(plan.week):
            report((*place, "hours"), reasons.NEVER_OPENS)
        if plan.make_up is not None and not plan.country:
            report((*place, "make_up_hours"), reasons.MAKE_UP_UNUSED)


def _check_named(file: shape.ContractFile, contract: Contract, report: Report) -> None:
    known = (ALWAYS, *(plan.name for plan in contract.calendars))
    for place, name in _named(file):
        if name not in known:
            report(place, reasons.no_calendar(name, known, nearest(name, known)))


def _named(file: shape.ContractFile) -> Iterator[tuple[Path, str]]:
    """Every place at which a calendar is named."""
    yield ("first_response", "realtime", "calendar"), file.first_response.realtime.calendar
    yield ("first_response", "email", "calendar"), file.first_response.email.calendar
    yield ("handoff", "calendar"), file.handoff.calendar
    yield ("tickets", "calendar"), file.tickets.calendar
    for priority in Priority:
        name = _stated(file, priority).calendar
        if name is not None:
            yield ("tickets", "priorities", priority.value, "calendar"), name


def _check_handoff(file: shape.ContractFile, contract: Contract, report: Report) -> None:
    handoff = contract.handoff
    window = written(handoff.window)
    for name, length in (("offer", handoff.offer), ("nobody", handoff.nobody)):
        if length > handoff.window:
            report(("handoff", name), reasons.longer(name, written(length), "window", window))
    for number, step in enumerate(file.handoff.escalation or ()):
        if step.after > handoff.window:
            place = ("handoff", "escalation", number, "after")
            report(place, reasons.longer("after", written(step.after), "window", window))
    for number, (one, other) in enumerate(pairwise(file.handoff.escalation or ()), 1):
        if other.after <= one.after:
            place = ("handoff", "escalation", number, "after")
            report(place, reasons.not_later(written(other.after), written(one.after)))
        if _reach(other.to) <= _reach(one.to):
            report(("handoff", "escalation", number, "to"), reasons.not_wider(other.to.value, one.to.value))
    _check_last_step(contract, report)


def _check_waiting(contract: Contract, report: Report) -> None:
    waiting = contract.waiting
    if waiting.callback_lead >= waiting.callback_latest:
        lead, latest = written(waiting.callback_lead), written(waiting.callback_latest)
        report(("waiting", "callback", "lead"), reasons.not_below("lead", lead, "latest", latest))


def _check_last_step(contract: Contract, report: Report) -> None:
    """The ticket comes when the window ends, and nothing else comes then."""
    window, steps = contract.handoff.window, contract.handoff.escalation
    if steps[-1].after < window:
        report(("handoff", "escalation", len(steps) - 1, "after"), reasons.before_the_end(written(window)))
    if len(steps) > 1 and steps[-1].after == window == steps[-2].after:
        report(("handoff", "escalation", len(steps) - 2, "after"), reasons.with_the_ticket(written(window)))


def _reach(to: To) -> int:
    return list(To).index(to)


def _check_tickets(file: shape.ContractFile, contract: Contract, report: Report) -> None:
    base = file.tickets
    if base.response is not None and base.response > base.solution:
        report(
            ("tickets", "response"),
            reasons.longer("response", written(base.response), "solution", written(base.solution)),
        )
    for priority, times in contract.tickets.priorities:
        own = _stated(file, priority)
        if own.model_fields_set & {"response", "solution"} and times.response > times.solution:
            key = "response" if own.response is not None else "solution"
            report(
                ("tickets", "priorities", priority.value, key),
                reasons.longer("response", written(times.response), "solution", written(times.solution)),
            )
    for number, pressing in enumerate(contract.tickets.priorities):
        after = contract.tickets.priorities[number + 1 :]
        less = next((one for one in after if one[1].calendar == pressing[1].calendar), None)
        if less is not None:
            _check_order(file, pressing, less, report)


def _check_order(
    file: shape.ContractFile, pressing: tuple[Priority, TicketTimes], less: tuple[Priority, TicketTimes], report: Report
) -> None:
    """What is more pressing may not take longer, where both run by the same calendar."""
    one, other = pressing[0], less[0]
    for key in ("response", "solution"):
        sooner, later = getattr(pressing[1], key), getattr(less[1], key)
        if sooner > later:
            at = one if key in _stated(file, one).model_fields_set else other
            reason = reasons.slower_than(one.value, written(sooner), other.value, written(later))
            report(("tickets", "priorities", at.value, key), reason)


def _stated(file: shape.ContractFile, priority: Priority) -> shape.PriorityTimes:
    found: shape.PriorityTimes = getattr(file.tickets.priorities, priority.value)
    return found


def _check_repeated(file: shape.ContractFile, report: Report) -> None:
    lists: tuple[tuple[Path, list[Exclusion] | list[Pause]], ...] = (
        (("exclusions",), file.exclusions),
        (("tickets", "paused_by"), file.tickets.paused_by),
    )
    for place, items in lists:
        for number, item in enumerate(items):
            if item in items[:number]:
                report((*place, number), reasons.repeated_item(item.value))


def _check_retention(contract: Contract, report: Report) -> None:
    kept = contract.retention.responses
    if kept < THREE_MONTHS:
        report(("retention", "responses"), reasons.kept_too_short(written(kept), written(THREE_MONTHS)))


def _check_tiers(contract: Contract, figure: Figure, tiers: tuple[Tier, ...], report: Report) -> None:
    place: Path = ("compensation", figure.value)
    target, most = contract.targets.of(figure), contract.compensation.at_most
    if tiers[0].below > target:
        report((*place, 0, "below"), reasons.above_target(_shown(figure, tiers[0].below), _shown(figure, target)))
    for number, (one, other) in enumerate(pairwise(tiers), 1):
        if other.below >= one.below:
            reason = reasons.not_descending(_shown(figure, other.below), _shown(figure, one.below))
            report((*place, number, "below"), reason)
        if other.credit <= one.credit:
            report((*place, number, "credit"), reasons.not_ascending(percent(other.credit), percent(one.credit)))
    for number, tier in enumerate(tiers):
        if tier.credit > most:
            report((*place, number, "credit"), reasons.above_most(percent(tier.credit), percent(most)))


def _shown(figure: Figure, value: float) -> str:
    return f"{value:g}" if figure is Figure.SATISFACTION else percent(value)
