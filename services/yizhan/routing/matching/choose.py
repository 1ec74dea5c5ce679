"""Who gets one case, and for every agent why or why not.

Of those who may be asked (see ``eligible``) the best is taken, compared by one thing after the other: a later one
counts only where all before it are equal.

1. has not passed on it; when all have, who passed earliest
2. served this customer last
3. the skills wanted: the higher level in the weakest of them, then the higher sum
4. has stated the customer's language, before those who have stated none
5. the least relative load after taking it: (load + weight) / capacity
6. the longest since an offer, never being longest; then the fewest offers today
7. the id, so that there is always one answer
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yizhan.routing.matching.eligible import WhyNot, level_of, speaks, why_not
from yizhan.routing.matching.facts import NEVER, Policy, Seat, Wanted, seat_seen, wanted_seen

RULES = 1
"""Grows with every change here, in ``eligible`` or in ``dispatch`` that would decide a recorded case differently."""

COMPONENTS = ("passed", "last_agent", "skill", "language", "load", "offered", "served_today", "id")
"""What a score is made of, in the order of comparison."""


@dataclass(frozen=True, slots=True)
class Score:
    """How an agent who may be asked compares with others.

    ``passed``: 0 for never, else the place among those who passed. ``skill``: the lowest level among the skills wanted
    and their sum, 0 where none is wanted. ``load``: the share of capacity in use after taking the case.
    """

    passed: int
    last_agent: bool
    skill: tuple[int, int]
    language: bool
    load: float
    offered_ago: float
    served_today: int

    @property
    def order(self) -> tuple[int, bool, tuple[int, int], bool, float, tuple[bool, float], int]:
        """What is compared, the smaller the better; one per name in ``COMPONENTS`` but the id."""
        longest = (self.offered_ago != NEVER, -self.offered_ago)
        skill = (-self.skill[0], -self.skill[1])
        return self.passed, not self.last_agent, skill, not self.language, self.load, longest, self.served_today


@dataclass(frozen=True, slots=True)
class Standing:
    """One agent in one decision: either a reason why not, or a score."""

    seat: Seat
    why_not: WhyNot | None
    score: Score | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is asked for a case, with all that it was decided from. ``agent_id``: "" where nobody may be asked.

    ``standings``: one per agent, by id. ``held``: agents whose room was kept for another case.
    """

    wanted: Wanted
    agent_id: str
    standings: tuple[Standing, ...]
    policy: Policy
    held: tuple[str, ...] = ()
    rules: int = RULES

    @property
    def policy_version(self) -> str:
        return self.policy.version

    @property
    def ranking(self) -> tuple[Standing, ...]:
        """Those who could be asked, the best first."""
        return tuple(sorted((each for each in self.standings if each.score), key=_rank))

    @property
    def decided_by(self) -> str:
        """In what the chosen agent was ahead of the next one, a name in ``COMPONENTS``; "" without a next one."""
        best = self.ranking[:2]
        if len(best) < 2 or best[0].score is None or best[1].score is None:
            return ""
        pairs = zip(COMPONENTS, best[0].score.order, best[1].score.order, strict=False)
        return next((name for name, first, second in pairs if first != second), COMPONENTS[-1])


def choose(wanted: Wanted, seats: Iterable[Seat], policy: Policy, held: Iterable[str] = ()) -> Decision:
    """Decide one case. ``held``: agents whose room is kept for a heavier case. Agents' ids differ from each other."""
    seen = sorted(map(seat_seen, seats), key=lambda seat: seat.agent_id)
    return decide(wanted_seen(wanted), seen, policy, frozenset(held))


def decide(wanted: Wanted, seats: Sequence[Seat], policy: Policy, held: frozenset[str]) -> Decision:
    """``choose`` for agents sorted by id and for times to the millisecond."""
    reasons = [why_not(wanted, seat, policy, held) for seat in seats]
    fresh = any(
        reason is None and seat.agent_id not in wanted.passed for seat, reason in zip(seats, reasons, strict=True)
    )
    standings = tuple(_standing(wanted, seat, reason, fresh) for seat, reason in zip(seats, reasons, strict=True))
    best = min((each for each in standings if each.score), key=_rank, default=None)
    return Decision(wanted, best.seat.agent_id if best else "", standings, policy, tuple(sorted(held)))


def _standing(wanted: Wanted, seat: Seat, reason: WhyNot | None, fresh: bool) -> Standing:
    """``fresh``: somebody could be asked who has not passed yet."""
    if reason is None and fresh and seat.agent_id in wanted.passed:
        reason = WhyNot.PASSED
    return Standing(seat, reason, _score(wanted, seat) if reason is None else None)


def _score(wanted: Wanted, seat: Seat) -> Score:
    levels = [level_of(skill, seat) for skill in wanted.skills]
    return Score(
        passed=wanted.passed.index(seat.agent_id) + 1 if seat.agent_id in wanted.passed else 0,
        last_agent=wanted.last_agent == seat.agent_id,
        skill=(min(levels, default=0), sum(levels)),
        language=bool(wanted.language) and speaks(wanted.language, seat.languages),
        load=(seat.load + wanted.weight) / seat.capacity,
        offered_ago=seat.offered_ago,
        served_today=seat.served_today,
    )


def _rank(standing: Standing) -> tuple[object, ...]:
    assert standing.score is not None  # noqa: S101 - only those with a score are ranked
    return (*standing.score.order, standing.seat.agent_id)
