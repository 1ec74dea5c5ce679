"""Queries on agents."""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.desk import Agent
from yizhan.routing.matching.facts import AwayReason, Presence
from yizhan.routing.store.tables import agents

_AS_IT_IS = ("id", "workspace", "name", "capacity", "heard_at", "offered_at", "enabled", "supervisor", "presence_at")


async def put_agent(tx: AsyncConnection, agent: Agent) -> None:
    """Insert an agent or change name, capacity and whether they are enabled."""
    if await load_agent(tx, agent.workspace, agent.id) is None:
        await tx.execute(agents.insert(), [_row(agent)])
        return
    await tx.execute(
        agents.update()
        .where(agents.c.id == agent.id, agents.c.workspace == agent.workspace)
        .values(name=agent.name, capacity=agent.capacity, enabled=agent.enabled)
    )


async def set_abilities(tx: AsyncConnection, agent: Agent) -> None:
    """Change skills, languages and whether they are a supervisor."""
    row = _row(agent)
    await tx.execute(
        agents.update()
        .where(agents.c.id == agent.id, agents.c.workspace == agent.workspace)
        .values({name: row[name] for name in ("skills", "languages", "supervisor")})
    )


async def load_agent(tx: AsyncConnection, workspace: str, agent_id: str) -> Agent | None:
    query = sa.select(agents).where(agents.c.id == agent_id, agents.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _agent(row) if row else None


async def load_agents(tx: AsyncConnection, workspace: str, agent_id: str = "") -> Sequence[Agent]:
    """All of a workspace, or the one of this id."""
    query = sa.select(agents).where(agents.c.workspace == workspace).order_by(agents.c.name, agents.c.id)
    if agent_id:
        query = query.where(agents.c.id == agent_id)
    return [_agent(row) for row in (await tx.execute(query)).mappings()]


async def is_anyone_here(tx: AsyncConnection, workspace: str, heard_since: datetime) -> bool:
    """Whether somebody could be offered something if they had room, as ``desk.here`` says of one agent."""
    a = agents.c
    somebody = sa.exists().where(
        a.workspace == workspace, a.enabled, a.presence == Presence.ONLINE.value, a.heard_at >= heard_since
    )
    return bool((await tx.execute(sa.select(somebody))).scalar())


async def hear(
    tx: AsyncConnection, agent_id: str, at: datetime, presence: Presence | None, absence: AwayReason | None = None
) -> None:
    """Note that an agent's screen is there, and the presence they chose if they did."""
    values: dict[str, object] = {"heard_at": at}
    if presence is not None:
        values["presence_at"] = sa.case(
            (agents.c.presence == presence.value, agents.c.presence_at), else_=sa.literal(at, UtcDateTime)
        )
        values["presence"] = presence.value
        values["presence_reason"] = absence.value if absence else ""
    await tx.execute(agents.update().where(agents.c.id == agent_id).values(values))


async def hear_again(
    tx: AsyncConnection, workspace: str, agent_id: str, at: datetime, heard_since: datetime
) -> Agent | None:
    """Note that an agent is still there; None: they count as offline, or were silent until then, or nobody knows them."""
    a = agents.c
    still = (a.workspace == workspace) & (a.id == agent_id) & (a.presence != Presence.OFFLINE.value)
    heard = agents.update().where(still, a.heard_at >= heard_since).values(heard_at=at).returning(agents)
    row = (await tx.execute(heard)).mappings().first()
    return _agent(row) if row else None


async def note_offer(tx: AsyncConnection, agent_id: str, at: datetime) -> None:
    await tx.execute(agents.update().where(agents.c.id == agent_id).values(offered_at=at))


async def silent_agents(tx: AsyncConnection, heard_before: datetime) -> Sequence[Agent]:
    """Agents who count as present but have not been heard of since."""
    query = sa.select(agents).where(
        agents.c.presence != Presence.OFFLINE.value,
        sa.or_(agents.c.heard_at.is_(None), agents.c.heard_at < heard_before),
    )
    return [_agent(row) for row in (await tx.execute(query)).mappings()]


def _agent(row: sa.RowMapping) -> Agent:
    return Agent(
        **{name: row[name] for name in _AS_IT_IS},
        presence=Presence(row["presence"]),
        absence=AwayReason(row["presence_reason"]) if row["presence_reason"] else None,
        skills=tuple((name, level) for name, level in json.loads(row["skills"])),
        languages=tuple(json.loads(row["languages"])),
    )


def _row(agent: Agent) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(agent, name) for name in _AS_IT_IS}
    row["presence"] = agent.presence.value
    row["presence_reason"] = agent.absence.value if agent.absence else ""
    row["skills"] = json.dumps(agent.skills, ensure_ascii=False)
    row["languages"] = json.dumps(agent.languages)
    return row
