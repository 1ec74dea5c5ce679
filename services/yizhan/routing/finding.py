"""Finding an agent for those who wait: offers by the rules of ``matching``, what they were decided from, and the ladder
that a case climbs while nobody takes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from yizhan.core.messages.command import MarkOffered
from yizhan.core.store.timers import Timers
from yizhan.routing import store
from yizhan.routing.callbacks.offering import tell_choice
from yizhan.routing.desk import Agent, Case, CaseState, here
from yizhan.routing.groups import Group
from yizhan.routing.matching.choose import Decision
from yizhan.routing.matching.dispatch import dispatch, in_order
from yizhan.routing.matching.escalation import rung
from yizhan.routing.matching.facts import NEVER, Level, Policy, Presence, Seat, Wanted
from yizhan.routing.matching.record import record
from yizhan.routing.shift import Shift
from yizhan.routing.terms import Terms, TermsBook
from yizhan.routing.waits import tell

OFFER = "offer"
WIDEN = "widen"

_LEAST_OFFER = timedelta(seconds=3)
_APART = timedelta(milliseconds=1)


class Finding:
    """``heard_within``: how long an agent who is not heard of counts as present."""

    def __init__(self, *, timers: Timers, terms: TermsBook, heard_within: timedelta) -> None:
        self._timers = timers
        self.terms = terms
        self.heard_within = heard_within

    async def dispatch(self, shift: Shift, terms: Terms | None = None) -> None:
        """Offer waiting cases to agents with room, and tell those who still wait where they stand.

        ``terms``: those in force, where the caller has read them in this shift.
        """
        waiting = await store.cases_in(shift.tx, shift.workspace, [CaseState.WAITING])
        if not waiting:
            return
        terms = terms or await self.terms.current(shift.tx, shift.workspace, shift.now)
        agents = await store.load_agents(shift.tx, shift.workspace)
        groups = await store.load_groups(shift.tx, shift.workspace)
        loads = await store.loads(shift.tx, shift.workspace)
        seats = [seat_of(agent, loads.get(agent.id, 0), groups, shift.now) for agent in agents]
        policy = self.policy(agents, groups)
        by_id = {case.id: case for case in waiting}
        asked = [wanted_of(case, shift.now) for case in waiting]
        for number, decision in enumerate(dispatch(asked, seats, policy)):
            await self._offer(shift, by_id.pop(decision.wanted.case_id), decision, terms)
            # Told apart to the millisecond, so that whose turn is next does not fall to the lowest id.
            await store.note_offer(shift.tx, decision.agent_id, shift.now + number * _APART)
        there = present(agents, shift.now, self.heard_within)
        if there:  # a place in a queue that nobody serves would be an empty promise
            in_turn = (by_id[one.case_id] for one in in_order(asked, policy) if one.case_id in by_id)
            left = [case for case in in_turn if not case.is_callback]
            await tell(shift, left, there, agents, groups, terms.contract.waiting.tell_every)
        for case in by_id.values():
            await tell_choice(shift, case, terms, case.epoch)

    def policy(self, agents: Sequence[Agent], groups: Sequence[Group]) -> Policy:
        return policy_of(agents, groups, self.heard_within)

    async def start_climbing(self, shift: Shift, case: Case, terms: Terms) -> None:
        """Set the moment at which more people are asked, if that is before the deadline."""
        following = rung(terms.steps, terms.waited(case.requested_at, shift.now)).next_after
        due = None if following is None else terms.after(case.requested_at, timedelta(seconds=following))
        if due is not None and due < case.deadline:
            await self._timers.set(shift.tx, case.id, WIDEN, due, shift.workspace)

    async def widen(self, shift: Shift, case: Case) -> None:
        """Ask more people for a case that nobody has taken yet."""
        terms = await self.terms.of(shift.tx, case, shift.now)
        level = rung(terms.steps, terms.waited(case.requested_at, shift.now)).level
        wider = replace(case, level=max(case.level, level), only_agent="")
        await store.save_case(shift.tx, wider)
        await self.start_climbing(shift, wider, terms)
        await self.dispatch(shift)

    async def forget(self, shift: Shift, case: Case) -> None:
        await self._timers.cancel_many(shift.tx, [(case.id, OFFER), (case.id, WIDEN)])

    async def _offer(self, shift: Shift, case: Case, decision: Decision, terms: Terms) -> None:
        lapses = shift.now + terms.contract.handoff.offer
        made = replace(
            case,
            state=CaseState.OFFERED,
            agent_id=decision.agent_id,
            offer_id=shift.new_id(),
            offered_at=shift.now,
            offer_expires_at=lapses if case.is_callback else min(lapses, max(case.deadline, shift.now + _LEAST_OFFER)),
        )
        await store.save_case(shift.tx, made)
        await self._remember(shift, case, decision)
        await self._timers.set(shift.tx, case.id, OFFER, made.offer_expires_at or lapses, shift.workspace)
        if not case.is_callback:
            shift.command(case.address, case.conversation_id, case.epoch, MarkOffered(made.agent_id, made.offer_id))
        shift.offer_changed(made, "made")

    async def _remember(self, shift: Shift, case: Case, decision: Decision) -> None:
        number = await store.next_decision(shift.tx, case.id)
        kept = store.StoredDecision(
            case.id, number, shift.workspace, case.conversation_id, shift.now, decision.agent_id, record(decision)
        )
        await store.keep_decision(shift.tx, kept)


def policy_of(agents: Sequence[Agent], groups: Sequence[Group], heard_within: timedelta) -> Policy:
    """What the workspace has set about its decisions. Where there are supervisors alone, nobody waits for them."""
    alone = all(agent.supervisor for agent in agents if agent.enabled)
    return Policy(
        heard_within=heard_within.total_seconds(),
        supervisors_from=Level.OWN_GROUP if alone else Level.SUPERVISORS,
        wider=tuple((group.id, group.wider) for group in groups),
    )


def seat_of(agent: Agent, load: int, groups: Sequence[Group], now: datetime) -> Seat:
    """An agent as a decision sees them."""
    return Seat(
        agent_id=agent.id,
        online=agent.presence is not Presence.OFFLINE,
        presence=agent.presence.value,
        heard_ago=_ago(agent.heard_at, now),
        capacity=agent.capacity,
        load=load,
        skills=tuple(sorted(agent.skills)),
        languages=agent.languages,
        groups=tuple(group.id for group in groups if agent.id in group.agents),
        supervisor=agent.supervisor,
        enabled=agent.enabled,
        offered_ago=_ago(agent.offered_at, now),
    )


def wanted_of(case: Case, now: datetime) -> Wanted:
    """A case as a decision sees it."""
    return Wanted(
        case_id=case.id,
        priority=case.priority,
        language=case.language,
        skills=case.skills,
        group=case.group_id,
        channel=case.address.channel,
        weight=case.weight,
        waited=(now - case.requested_at).total_seconds(),
        left=(case.deadline - now).total_seconds(),
        passed=case.passed,
        last_agent=case.last_agent,
        level=case.level,
        only=case.only_agent,
    )


def present(agents: Sequence[Agent], now: datetime, heard_within: timedelta) -> Mapping[str, Agent]:
    """Agents who are here, by id."""
    return {agent.id: agent for agent in agents if here(agent, now, heard_within)}


def _ago(at: datetime | None, now: datetime) -> float:
    return NEVER if at is None else max(0.0, (now - at).total_seconds())
