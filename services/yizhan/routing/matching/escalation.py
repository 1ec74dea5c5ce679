"""The ladder that an unserved case climbs: who else is asked, and when it becomes a ticket. Steps are the contract's."""

from collections.abc import Iterable
from dataclasses import dataclass

from yizhan.routing.matching.facts import Level


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """``after``: seconds since the request. Either a ``level`` that is reached, or a ``ticket`` and the end of asking."""

    after: float
    level: int = Level.OWN_GROUP
    ticket: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """Where a case stands. ``next_after``: seconds since the request of the next step; None: there is none."""

    level: int
    ticket: bool
    next_after: float | None


STANDARD = (
    Step(20, Level.WIDER_GROUPS),
    Step(40, Level.SUPERVISORS),
    Step(60, Level.SUPERVISORS, ticket=True),
)
"""That of the contract as shipped."""


class LadderInvalid(Exception):
    """The steps are no ladder; the message says which one and why."""


def checked(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps in order. Raises LadderInvalid: times below zero or twice, levels that fall, something after the ticket."""
    ladder = tuple(sorted(steps))
    level, after, ended = int(Level.OWN_GROUP), -1.0, False
    for step in ladder:
        where = f"the step after {step.after:g} s"
        if ended:
            raise LadderInvalid(f"{where} comes after the ticket")
        if step.after < 0 or step.after == after:
            raise LadderInvalid(f"{where}: {'is before the request' if step.after < 0 else 'there are two'}")
        if not step.ticket and not level <= step.level <= Level.SUPERVISORS:
            raise LadderInvalid(f"{where} goes to level {step.level}: from {level} it can only rise, up to 3")
        level, after, ended = max(level, step.level), step.after, step.ticket
    return ladder


def rung(steps: Iterable[Step], elapsed: float) -> Rung:
    """Where a case stands ``elapsed`` seconds after its request. A step is taken at its very second."""
    ladder = sorted(steps)
    taken = [step for step in ladder if step.after <= elapsed]
    ticket = any(step.ticket for step in taken)
    ahead = [step.after for step in ladder if step.after > elapsed]
    level = max((step.level for step in taken), default=int(Level.OWN_GROUP))
    return Rung(level, ticket, None if ticket or not ahead else ahead[0])
