"""The standard contract, for workspaces that have published none of their own."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.resources import files

from yizhan.contract.building import steps_within
from yizhan.contract.clauses import NOBODY, OFFER, RESPONSE, SOLUTION, WINDOW, Priority, Tickets, TicketTimes
from yizhan.contract.contract import Contract
from yizhan.contract.durations import written
from yizhan.contract.file import ContractInvalid, parse_contract


@cache
def standard_text() -> str:
    """The shipped file, with its comments."""
    return (files("yizhan.contract") / "standard.yaml").read_text("utf-8")


@cache
def shipped() -> Contract:
    """What the shipped file says, which is tested to be right. Raises RuntimeError otherwise."""
    try:
        return parse_contract(standard_text())
    except ContractInvalid as invalid:
        raise RuntimeError(f"the shipped contract is wrong: {invalid.problems[0].reason_en}") from invalid


def standard(
    *,
    handoff: timedelta = WINDOW,
    nobody: timedelta = NOBODY,
    offer: timedelta = OFFER,
    ticket_solution: timedelta = SOLUTION,
    zone: str = "Asia/Shanghai",
) -> Contract:
    """The standard contract with a deployment's own figures in place, each above zero.

    What they leave no room for gives way: the escalation is drawn to the window, an offer or the wait for somebody who
    comes online is never longer than it, and a ticket is answered no later than it is solved.
    """
    contract = shipped()
    times = TicketTimes(min(RESPONSE, ticket_solution), ticket_solution)
    return replace(
        contract,
        zone=zone,
        handoff=replace(
            contract.handoff,
            window=handoff,
            nobody=min(nobody, handoff),
            offer=min(offer, handoff),
            escalation=steps_within(handoff),
        ),
        tickets=Tickets(tuple((priority, times) for priority in Priority), contract.tickets.paused_by),
    )


def standard_text_of(contract: Contract) -> str:
    """A file that says what ``standard`` made: the shipped one, or a short one with the deployment's own figures."""
    if contract == shipped():
        return standard_text()
    handoff, times = contract.handoff, contract.tickets.of(Priority.NORMAL)
    steps = [f"    - {{after: {written(step.after)}, to: {step.to.value}}}" for step in handoff.escalation]
    lines = [
        "# The standard contract with this deployment's own figures. What is left out is as in the shipped one:",
        "#     yizhan contract show-standard",
        f"contract: {contract.id}",
        f"title: {contract.title}",
        f"zone: {contract.zone}",
        "handoff:",
        f"  window: {written(handoff.window)}",
        f"  offer: {written(handoff.offer)}",
        f"  nobody: {written(handoff.nobody)}",
        "  escalation:",
        *steps,
        "tickets:",
        f"  response: {written(times.response)}",
        f"  solution: {written(times.solution)}",
    ]
    return "\n".join(lines) + "\n"
