"""Queries on own agent systems: who they are, what they are told, hold and asked for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.matching.facts import Presence
from yizhan.routing.store.attend_tables import attend_events, attend_held, attend_requests, attend_systems
from yizhan.routing.store.tables import agents


@dataclass(frozen=True, slots=True)
class System:
    """A business's own agent system. Without ``all_agents`` it attends for ``agents``."""

    workspace: str
    name: str
    session: str
    agents: frozenset[str]
    all_agents: bool
    last_cursor: int = 0
    acknowledged: int = 0

    def has(self, agent_id: str) -> bool:
        """Whether it speaks for this agent."""
        return bool(agent_id) and (self.all_agents or agent_id in self.agents)


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment that a system was told it has."""

    case_id: str
    conversation_id: str
    agent_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was seen before; ``result`` None: what became of it is not known."""

    result: bytes | None


async def systems_of(tx: AsyncConnection, workspace: str) -> Sequence[System]:
    s = attend_systems.c
    rows = await tx.execute(sa.select(attend_systems).where(s.workspace == workspace).order_by(s.system))
    return [_system(row) for row in rows.mappings()]


async def load_system(tx: AsyncConnection, workspace: str, name: str) -> System | None:
    s = attend_systems.c
    query = sa.select(attend_systems).where(s.workspace == workspace, s.system == name)
    row = (await tx.execute(query)).mappings().first()
    return _system(row) if row else None


async def put_system(tx: AsyncConnection, system: System, at: datetime) -> None:
    """Insert a system, or give it its newest session and agents; the desk must be locked."""
    values: dict[str, object] = {
        "session": system.session,
        "agents": json.dumps(sorted(system.agents)),
        "all_agents": system.all_agents,
        "said_hello_at": at,
    }
    s = attend_systems.c
    here = (s.workspace == system.workspace) & (s.system == system.name)
    if (await tx.execute(attend_systems.update().where(here).values(values))).rowcount:
        return
    first = {"workspace": system.workspace, "system": system.name, "last_cursor": 0, "acknowledged": 0}
    await tx.execute(attend_systems.insert(), [values | first])


async def append_events(tx: AsyncConnection, system: System, bodies: Sequence[bytes], at: datetime) -> None:
    """Keep what a system is told, after what it was told before; the desk must be locked."""
    rows = [
        {"workspace": system.workspace, "system": system.name, "cursor": cursor, "at": at, "body": body}
        for cursor, body in enumerate(bodies, system.last_cursor + 1)
    ]
    await tx.execute(attend_events.insert(), rows)
    s = attend_systems.c
    here = (s.workspace == system.workspace) & (s.system == system.name)
    await tx.execute(attend_systems.update().where(here).values(last_cursor=system.last_cursor + len(rows)))


async def events_after(
    tx: AsyncConnection, workspace: str, name: str, cursor: int, most: int
) -> Sequence[tuple[int, bytes]]:
    """Cursors and bodies, in order."""
    e = attend_events.c
    query = (
        sa.select(e.cursor, e.body)
        .where(e.workspace == workspace, e.system == name, e.cursor > cursor)
        .order_by(e.cursor)
        .limit(most)
    )
    return [(row.cursor, row.body) for row in await tx.execute(query)]


async def acknowledge(tx: AsyncConnection, workspace: str, name: str, cursor: int) -> None:
    """Note how far a system has got; what it never was told cannot be acknowledged, and nothing is taken back."""
    s = attend_systems.c
    here = (s.workspace == workspace) & (s.system == name) & (s.acknowledged < cursor) & (s.last_cursor >= cursor)
    await tx.execute(attend_systems.update().where(here).values(acknowledged=cursor))


async def forget_untold(tx: AsyncConnection, workspace: str, name: str) -> None:
    """What a system has not been told yet it need not be told any more; the desk must be locked."""
    s = attend_systems.c
    here = (s.workspace == workspace) & (s.system == name)
    await tx.execute(attend_systems.update().where(here).values(acknowledged=s.last_cursor))


async def held_by(
    tx: AsyncConnection, workspace: str, conversations: Sequence[str] | None = None
) -> Mapping[str, Sequence[Held]]:
    """What systems were told they have, by system; only these conversations where they are named."""
    h = attend_held.c
    query = sa.select(attend_held).where(h.workspace == workspace).order_by(h.case_id)
    if conversations is not None:
        query = query.where(h.conversation_id.in_(conversations))
    found: dict[str, list[Held]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.system, []).append(Held(row.case_id, row.conversation_id, row.agent_id, row.epoch))
    return found


async def hold(tx: AsyncConnection, workspace: str, name: str, held: Held) -> None:
    """Remember that a system was told it has this, under this epoch."""
    await let_go(tx, workspace, name, held.case_id)
    row = {
        "workspace": workspace,
        "system": name,
        "case_id": held.case_id,
        "conversation_id": held.conversation_id,
        "agent_id": held.agent_id,
        "epoch": held.epoch,
    }
    await tx.execute(attend_held.insert(), [row])


async def let_go(tx: AsyncConnection, workspace: str, name: str, case_id: str) -> None:
    h = attend_held.c
    await tx.execute(attend_held.delete().where(h.workspace == workspace, h.system == name, h.case_id == case_id))


async def let_all_go(tx: AsyncConnection, workspace: str, name: str) -> None:
    h = attend_held.c
    await tx.execute(attend_held.delete().where(h.workspace == workspace, h.system == name))


async def begin_request(tx: AsyncConnection, workspace: str, name: str, id: str, at: datetime) -> Asked | None:
    """Remember that this is being asked; None: it never was before. In a writing transaction."""
    r = attend_requests.c
    here = (r.workspace == workspace) & (r.system == name) & (r.id == id)
    row = (await tx.execute(sa.select(r.result).where(here))).first()
    if row is not None:
        return Asked(row.result)
    await tx.execute(attend_requests.insert(), [{"workspace": workspace, "system": name, "id": id, "at": at}])
    return None


async def end_request(tx: AsyncConnection, workspace: str, name: str, id: str, result: bytes) -> None:
    r = attend_requests.c
    here = (r.workspace == workspace) & (r.system == name) & (r.id == id)
    await tx.execute(attend_requests.update().where(here).values(result=result))


async def hear_present(tx: AsyncConnection, workspace: str, agent_ids: Sequence[str], at: datetime) -> None:
    """Note that these agents are there, those excepted who count as offline: they have to come back by themselves."""
    a = agents.c
    here = (a.workspace == workspace) & a.id.in_(agent_ids) & (a.presence != Presence.OFFLINE.value)
    await tx.execute(agents.update().where(here).values(heard_at=at))


async def counted_present(tx: AsyncConnection, workspace: str, agent_ids: Sequence[str]) -> Sequence[str]:
    """Those of these agents who do not count as offline."""
    a = agents.c
    here = (a.workspace == workspace) & a.id.in_(agent_ids) & (a.presence != Presence.OFFLINE.value)
    return (await tx.execute(sa.select(a.id).where(here).order_by(a.id))).scalars().all()


def _system(row: sa.RowMapping) -> System:
    return System(
        workspace=row["workspace"],
        name=row["system"],
        session=row["session"],
        agents=frozenset(json.loads(row["agents"])),
        all_agents=row["all_agents"],
        last_cursor=row["last_cursor"],
        acknowledged=row["acknowledged"],
    )
