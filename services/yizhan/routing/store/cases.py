"""Queries on cases."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.desk import BUSY, CALLBACK, UNSERVED, Case, CaseState
from yizhan.routing.store.addresses import address_of, address_text
from yizhan.routing.store.tables import agents, cases

_CASE = tuple(column.name for column in cases.columns)


async def loads(tx: AsyncConnection, workspace: str, agent_id: str = "") -> Mapping[str, int]:
    """Conversations offered or assigned, by agent, each as many as it weighs; of one agent where one is named."""
    query = (
        sa.select(cases.c.agent_id, sa.func.sum(cases.c.weight))
        .where(cases.c.workspace == workspace, cases.c.state.in_([state.value for state in BUSY]))
        .group_by(cases.c.agent_id)
    )
    if agent_id:
        query = query.where(cases.c.agent_id == agent_id)
    return {row[0]: int(row[1]) for row in await tx.execute(query)}


async def waiting_and_load(tx: AsyncConnection, workspace: str, agent_id: str) -> tuple[bool, int]:
    """Whether anybody waits, and what an agent has, by weight."""
    c = cases.c
    waits = sa.exists().where(c.workspace == workspace, c.state == CaseState.WAITING.value)
    own = (c.workspace == workspace) & (c.agent_id == agent_id) & c.state.in_([state.value for state in BUSY])
    load = sa.select(sa.func.coalesce(sa.func.sum(c.weight), 0)).where(own).scalar_subquery()
    row = (await tx.execute(sa.select(waits, load))).one()
    return bool(row[0]), int(row[1])


async def insert_case(tx: AsyncConnection, case: Case) -> None:
    await tx.execute(cases.insert(), [_case_row(case)])


async def save_case(tx: AsyncConnection, case: Case) -> None:
    await tx.execute(cases.update().where(cases.c.id == case.id).values(_case_row(case)))


async def load_case(tx: AsyncConnection, case_id: str) -> Case | None:
    row = (await tx.execute(sa.select(cases).where(cases.c.id == case_id))).mappings().first()
    return as_case(row) if row else None


async def case_by_offer(tx: AsyncConnection, workspace: str, offer_id: str) -> Case | None:
    query = sa.select(cases).where(cases.c.offer_id == offer_id, cases.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return as_case(row) if row else None


async def note_choice(tx: AsyncConnection, case_id: str, at: datetime) -> None:
    """The customer has been told what they may do instead of waiting."""
    await tx.execute(cases.update().where(cases.c.id == case_id).values(choice_at=at))


async def ticketed_case(tx: AsyncConnection, workspace: str, conversation_id: str, epoch: int) -> Case | None:
    """The case of a conversation that has become a ticket under this epoch, if there is one."""
    query = sa.select(cases).where(
        cases.c.workspace == workspace,
        cases.c.conversation_id == conversation_id,
        cases.c.state == CaseState.TICKETED.value,
        cases.c.epoch == epoch,
        cases.c.ticket_id != "",
    )
    row = (await tx.execute(query.limit(1))).mappings().first()
    return as_case(row) if row else None


async def case_of_ticket(tx: AsyncConnection, workspace: str, conversation_id: str, ticket_id: str) -> Case | None:
    """The case that became this ticket, if one did."""
    query = sa.select(cases).where(
        cases.c.workspace == workspace,
        cases.c.conversation_id == conversation_id,
        cases.c.state == CaseState.TICKETED.value,
        cases.c.ticket_id == ticket_id,
    )
    row = (await tx.execute(query.limit(1))).mappings().first()
    return as_case(row) if row else None


async def open_case(tx: AsyncConnection, workspace: str, conversation_id: str) -> Case | None:
    """The case of a conversation that is waiting, offered or assigned, if there is one.

    A call that was promised holds no conversation before somebody has taken it.
    """
    unserved = cases.c.state.in_([state.value for state in UNSERVED])
    query = (
        sa.select(cases)
        .where(
            cases.c.workspace == workspace,
            cases.c.conversation_id == conversation_id,
            cases.c.state.in_([state.value for state in UNSERVED | BUSY]),
            sa.not_(sa.and_(cases.c.reason == CALLBACK, cases.c.ticket_id != "", unserved)),
        )
        .order_by(cases.c.requested_at.desc())
    )
    row = (await tx.execute(query)).mappings().first()
    return as_case(row) if row else None


async def open_cases(tx: AsyncConnection, workspace: str, conversation_id: str) -> Sequence[Case]:
    """As ``open_case``, all of them, the oldest first: while one is taken over there are two."""
    query = (
        sa.select(cases)
        .where(
            cases.c.workspace == workspace,
            cases.c.conversation_id == conversation_id,
            cases.c.state.in_([state.value for state in UNSERVED | BUSY]),
        )
        .order_by(cases.c.requested_at, cases.c.id)
    )
    return [as_case(row) for row in (await tx.execute(query)).mappings()]


async def release_cases(tx: AsyncConnection, workspace: str, group_id: str) -> None:
    """Cases that wait for a group which is no more are anybody's."""
    here = (cases.c.workspace == workspace) & (cases.c.group_id == group_id)
    await tx.execute(cases.update().where(here).values(group_id=""))


async def ended_cases(tx: AsyncConnection, workspace: str, since: datetime, most: int) -> Sequence[Case]:
    """Cases that an agent has had and that ended since, the latest first."""
    query = (
        sa.select(cases)
        .where(
            cases.c.workspace == workspace,
            cases.c.requested_at >= since,
            cases.c.ended_at.is_not(None),
            cases.c.assigned_at.is_not(None),
        )
        .order_by(cases.c.ended_at.desc())
        .limit(most)
    )
    return [as_case(row) for row in (await tx.execute(query)).mappings()]


async def requests(tx: AsyncConnection, workspace: str, since: datetime, most: int) -> Sequence[tuple[str, datetime]]:
    """The group and moment of each request since, the latest first."""
    query = (
        sa.select(cases.c.group_id, cases.c.requested_at)
        .where(cases.c.workspace == workspace, cases.c.requested_at >= since)
        .order_by(cases.c.requested_at.desc())
        .limit(most)
    )
    return [(row.group_id, row.requested_at) for row in await tx.execute(query)]


async def last_agent(tx: AsyncConnection, workspace: str, conversation_id: str) -> str:
    """Who served the customer last; empty: nobody yet."""
    query = (
        sa.select(cases.c.agent_id)
        .where(
            cases.c.workspace == workspace,
            cases.c.conversation_id == conversation_id,
            cases.c.assigned_at.is_not(None),
            cases.c.agent_id != "",
        )
        .order_by(cases.c.assigned_at.desc())
        .limit(1)
    )
    return (await tx.execute(query)).scalar() or ""


async def cases_in(
    tx: AsyncConnection, workspace: str, states: Sequence[CaseState], agent_id: str = ""
) -> Sequence[Case]:
    query = sa.select(cases).where(cases.c.workspace == workspace, cases.c.state.in_([state.value for state in states]))
    if agent_id:
        query = query.where(cases.c.agent_id == agent_id)
    return [as_case(row) for row in (await tx.execute(query.order_by(cases.c.requested_at, cases.c.id))).mappings()]


async def cases_of_agents_unheard(tx: AsyncConnection, heard_before: datetime) -> Sequence[Case]:
    """Assigned cases, with a known epoch, of agents who have not been heard of since."""
    query = (
        sa.select(cases)
        .join(agents, agents.c.id == cases.c.agent_id)
        .where(
            cases.c.state == CaseState.ASSIGNED.value,
            cases.c.epoch > 0,
            sa.or_(agents.c.heard_at.is_(None), agents.c.heard_at < heard_before),
        )
    )
    return [as_case(row) for row in (await tx.execute(query)).mappings()]


def as_case(row: sa.RowMapping) -> Case:
    plain = {name: row[name] for name in _CASE if name not in {"address", "state", "passed", "skills"}}
    return Case(
        **plain,
        address=address_of(row["address"]),
        state=CaseState(row["state"]),
        passed=tuple(json.loads(row["passed"])),
        skills=tuple(json.loads(row["skills"])),
    )


def _case_row(case: Case) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(case, name) for name in _CASE}
    row["address"] = address_text(case.address)
    row["state"] = case.state.value
    row["passed"] = json.dumps(case.passed)
    row["skills"] = json.dumps(case.skills, ensure_ascii=False)
    return row
