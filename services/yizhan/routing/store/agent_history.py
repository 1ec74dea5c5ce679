"""Queries on what agents were and could do, and on the day's cases and offers: from these a day is recorded."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.ids import NewId
from yizhan.core.store.tables import among
from yizhan.routing.desk import Case
from yizhan.routing.matching.facts import Presence
from yizhan.routing.recording import NotedAgent, NotedOffer
from yizhan.routing.store.agent_history_tables import agent_history
from yizhan.routing.store.cases import as_case
from yizhan.routing.store.group_tables import decisions, group_members, groups
from yizhan.routing.store.tables import agents, cases


async def note_agents(
    tx: AsyncConnection, new_id: NewId, workspace: str, agent_ids: Collection[str], at: datetime
) -> None:
    """Keep what these agents are now, after a change; the desk must be locked."""
    if not agent_ids:
        return
    here = (agents.c.workspace == workspace) & among(agents.c.id, agent_ids)
    member = (
        sa.select(group_members)
        .join(groups, groups.c.id == group_members.c.group_id)
        .where(groups.c.workspace == workspace, among(group_members.c.agent_id, agent_ids))
        .order_by(group_members.c.group_id)
    )
    of: dict[str, list[str]] = {}
    for row in await tx.execute(member):
        of.setdefault(row.agent_id, []).append(row.group_id)
    rows = [
        {
            "id": new_id(),
            "workspace": workspace,
            "agent_id": row.id,
            "at": at,
            "presence": row.presence,
            "enabled": row.enabled,
            "capacity": row.capacity,
            "supervisor": row.supervisor,
            "abilities": json.dumps(
                {
                    "skills": json.loads(row.skills),
                    "languages": json.loads(row.languages),
                    "groups": of.get(row.id, []),
                },
                ensure_ascii=False,
            ),
        }
        for row in await tx.execute(sa.select(agents).where(here))
    ]
    if rows:
        await tx.execute(agent_history.insert(), rows)


async def agents_between(tx: AsyncConnection, workspace: str, since: datetime, until: datetime) -> Sequence[NotedAgent]:
    """What each agent was at ``since`` (noted then or earlier), and every change before ``until``, in order of time."""
    h = agent_history.c
    rank = sa.func.row_number().over(partition_by=h.agent_id, order_by=(h.at.desc(), h.id.desc())).label("rank")
    before = sa.select(agent_history, rank).where(h.workspace == workspace, h.at <= since).subquery()
    carried = sa.select(*(before.c[column.name] for column in agent_history.columns)).where(before.c.rank == 1)
    changed = sa.select(agent_history).where(h.workspace == workspace, h.at > since, h.at < until)
    rows = [*(await tx.execute(carried)).mappings(), *(await tx.execute(changed.order_by(h.at, h.id))).mappings()]
    return [_noted(row) for row in rows]


async def cases_between(tx: AsyncConnection, workspace: str, since: datetime, until: datetime) -> Sequence[Case]:
    """Cases by their request, in that order."""
    c = cases.c
    query = sa.select(cases).where(c.workspace == workspace, c.requested_at >= since, c.requested_at < until)
    return [as_case(row) for row in (await tx.execute(query.order_by(c.requested_at, c.id))).mappings()]


async def offers_of_cases(
    tx: AsyncConnection, workspace: str, since: datetime, until: datetime
) -> Sequence[NotedOffer]:
    """Who was asked to take the cases of a time, and when, in order."""
    d = decisions.c
    theirs = sa.select(cases.c.id).where(
        cases.c.workspace == workspace, cases.c.requested_at >= since, cases.c.requested_at < until
    )
    query = sa.select(d.case_id, d.at, d.agent_id).where(d.case_id.in_(theirs), d.agent_id != "")
    return [
        NotedOffer(row.case_id, row.at, row.agent_id) for row in await tx.execute(query.order_by(d.case_id, d.number))
    ]


def _noted(row: sa.RowMapping) -> NotedAgent:
    abilities = json.loads(row["abilities"])
    return NotedAgent(
        agent_id=row["agent_id"],
        at=row["at"],
        presence=Presence(row["presence"]) if row["enabled"] else Presence.OFFLINE,
        capacity=row["capacity"],
        supervisor=row["supervisor"],
        skills=tuple((name, level) for name, level in abilities["skills"]),
        languages=tuple(abilities["languages"]),
        groups=tuple(abilities["groups"]),
    )
