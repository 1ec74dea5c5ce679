"""What ``yizhan route record`` does: reads a day of operation from routing's store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yizhan.contract.contract import Contract
from yizhan.core.store.database import Database, Transaction
from yizhan.routing import store
from yizhan.routing.desk import Agent
from yizhan.routing.finding import policy_of
from yizhan.routing.groups import Group
from yizhan.routing.matching.day import written_day
from yizhan.routing.matching.facts import Policy
from yizhan.routing.matching.what_if import Rules, written_rules
from yizhan.routing.recording import Kept, Names, NotedAgent, names_of, recorded, without_history
from yizhan.routing.store.agent_history import agents_between, cases_between, offers_of_cases
from yizhan.routing.terms import Terms, TermsBook


@dataclass(frozen=True, slots=True)
class Taken:
    """``lines`` and ``rules`` are the files' texts. ``guessed``: see ``recording.Recorded``."""

    lines: str
    rules: str
    cases: int
    agents: int
    guessed: int


async def take(database: Database, standard: Contract, workspace: str, day: date, at: datetime) -> Taken:
    """``standard``: what a workspace promises that has published no contract. ``at``: now. Raises StoreUnavailable."""
    async with database.read() as tx:
        terms = await TermsBook(standard).current(tx, workspace, at)
        agents = await store.load_agents(tx, workspace)
        groups = await store.load_groups(tx, workspace)
        zone = ZoneInfo(terms.contract.zone)
        since = datetime.combine(day, time(), zone)
        until = min(datetime.combine(day + timedelta(days=1), time(), zone), max(at, since))
        kept = await _kept(tx, workspace, terms, since, until, [_today(agent, groups, at) for agent in agents])
    names = Names(
        names_of((agent.id, agent.name) for agent in agents), names_of((group.id, group.name) for group in groups)
    )
    made = recorded(kept, names)
    return Taken(
        lines="".join(f"{line}\n" for line in written_day(made.day)),
        rules=written_rules(_rules(terms, policy_of(agents, groups, timedelta()), names)),
        cases=len(made.day.asked),
        agents=len({staffed.seat.agent_id for staffed in made.day.staffed}),
        guessed=made.guessed,
    )


async def _kept(
    tx: Transaction, workspace: str, terms: Terms, since: datetime, until: datetime, today: Sequence[NotedAgent]
) -> Kept:
    return Kept(
        since,
        until,
        agents=without_history(await agents_between(tx, workspace, since, until), today, since),
        cases=await cases_between(tx, workspace, since, until),
        offers=await offers_of_cases(tx, workspace, since, until),
        offer=terms.contract.handoff.offer.total_seconds(),
    )


def _today(agent: Agent, groups: Sequence[Group], at: datetime) -> NotedAgent:
    return NotedAgent(
        agent_id=agent.id,
        at=at,
        presence=agent.presence,
        capacity=agent.capacity,
        supervisor=agent.supervisor,
        skills=agent.skills,
        languages=agent.languages,
        groups=tuple(group.id for group in groups if agent.id in group.agents),
    )


def _rules(terms: Terms, policy: Policy, names: Names) -> Rules:
    """Those in force, with groups by their names."""
    wider = tuple(
        (names.groups[group], tuple(names.groups[other] for other in others))
        for group, others in policy.wider
        if others
    )
    return Rules(replace(policy, wider=wider), terms.steps, terms.contract.handoff.offer.total_seconds())
