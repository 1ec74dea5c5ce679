"""Queries on registered systems: who they are, their tokens, and what they may read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.store.attend_tables import attend_events, attend_held, attend_requests, attend_systems
from yizhan.routing.store.system_tables import attend_readable, system_tokens, systems
from yizhan.routing.store.webhook_tables import webhook_reading, webhooks

REMOVED = "removed"
ROTATED = "rotated"


@dataclass(frozen=True, slots=True)
class Registered:
    """A system that a business registered. Without ``all_agents`` it may speak for ``agents``."""

    workspace: str
    name: str
    agents: frozenset[str]
    all_agents: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class StoredToken:
    """``expires_at`` was chosen when it was made; from ``ends_at`` on it is over because it was ``ended``."""

    digest: bytes = field(repr=False)
    workspace: str
    system: str
    made_at: datetime
    expires_at: datetime | None
    ends_at: datetime | None = None
    ended: str = ""

    def problem(self, now: datetime) -> str:
        """Why it opens nothing (any more): expired, rotated, removed; empty: it does."""
        if self.ends_at is not None and now >= self.ends_at:
            return self.ended
        return "expired" if self.expires_at is not None and now >= self.expires_at else ""

    @property
    def over_at(self) -> datetime | None:
        """When it will be over, as far as is known."""
        return min((at for at in (self.expires_at, self.ends_at) if at is not None), default=None)


async def load_registered(tx: AsyncConnection, workspace: str, name: str) -> Registered | None:
    s = systems.c
    row = (await tx.execute(sa.select(systems).where(s.workspace == workspace, s.system == name))).mappings().first()
    return _registered(row) if row else None


async def list_registered(tx: AsyncConnection, workspace: str) -> Sequence[Registered]:
    s = systems.c
    rows = await tx.execute(sa.select(systems).where(s.workspace == workspace).order_by(s.system))
    return [_registered(row) for row in rows.mappings()]


async def insert_registered(tx: AsyncConnection, system: Registered) -> None:
    """Raises IntegrityConflict: there is one of this name."""
    row = {
        "workspace": system.workspace,
        "system": system.name,
        "agents": json.dumps(sorted(system.agents)),
        "all_agents": system.all_agents,
        "made_at": system.made_at,
    }
    await tx.execute(systems.insert(), [row])


async def set_agents(
    tx: AsyncConnection, workspace: str, name: str, agents: frozenset[str], *, all_agents: bool
) -> None:
    s = systems.c
    changed = {"agents": json.dumps(sorted(agents)), "all_agents": all_agents}
    await tx.execute(systems.update().where(s.workspace == workspace, s.system == name).values(changed))


async def remove_registered(tx: AsyncConnection, workspace: str, name: str) -> None:
    """Forget a system with all that was kept for it; its tokens stay, so that they can be refused by name."""
    attended = (attend_systems, attend_events, attend_held, attend_requests, attend_readable)
    for table in (systems, *attended, webhooks, webhook_reading):
        t = table.c
        await tx.execute(table.delete().where(t.workspace == workspace, t.system == name))


async def insert_token(tx: AsyncConnection, token: StoredToken) -> None:
    row = {
        "digest": token.digest,
        "workspace": token.workspace,
        "system": token.system,
        "made_at": token.made_at,
        "expires_at": token.expires_at,
        "ends_at": token.ends_at,
        "ended": token.ended,
    }
    await tx.execute(system_tokens.insert(), [row])


async def load_token(tx: AsyncConnection, digest: bytes) -> StoredToken | None:
    query = sa.select(system_tokens).where(system_tokens.c.digest == digest)
    row = (await tx.execute(query)).mappings().first()
    return StoredToken(**row) if row else None


async def tokens_of(tx: AsyncConnection, workspace: str, name: str) -> Sequence[StoredToken]:
    """Those that are over as well, the newest first."""
    t = system_tokens.c
    query = sa.select(system_tokens).where(t.workspace == workspace, t.system == name)
    rows = await tx.execute(query.order_by(t.made_at.desc(), t.digest))
    return [StoredToken(**row) for row in rows.mappings()]


async def end_tokens(tx: AsyncConnection, workspace: str, name: str, ends_at: datetime, why: str) -> None:
    """All tokens of a system are over at that time, unless they are earlier."""
    t = system_tokens.c
    here = (t.workspace == workspace) & (t.system == name) & sa.or_(t.ends_at.is_(None), t.ends_at > ends_at)
    await tx.execute(system_tokens.update().where(here).values(ends_at=ends_at, ended=why))


async def grant(tx: AsyncConnection, workspace: str, name: str, conversation_id: str, until: datetime) -> None:
    """A system may read a conversation until then at least; the desk must be locked."""
    r = attend_readable.c
    here = (r.workspace == workspace) & (r.system == name) & (r.conversation_id == conversation_id)
    known = (await tx.execute(sa.select(r.until).where(here))).scalar()
    if known is None:
        row = {"workspace": workspace, "system": name, "conversation_id": conversation_id, "until": until}
        await tx.execute(attend_readable.insert(), [row])
    elif known < until:
        await tx.execute(attend_readable.update().where(here).values(until=until))


async def may_read(tx: AsyncConnection, workspace: str, name: str, conversation_id: str, now: datetime) -> bool:
    """Whether a system has a conversation, or had or was offered it not too long ago."""
    r, h = attend_readable.c, attend_held.c
    readable = sa.select(r.until).where(
        r.workspace == workspace, r.system == name, r.conversation_id == conversation_id, r.until > now
    )
    held = sa.select(h.case_id).where(h.workspace == workspace, h.system == name, h.conversation_id == conversation_id)
    return bool((await tx.execute(sa.select(sa.or_(readable.exists(), held.exists())))).scalar())


def _registered(row: sa.RowMapping) -> Registered:
    return Registered(
        workspace=row["workspace"],
        name=row["system"],
        agents=frozenset(json.loads(row["agents"])),
        all_agents=row["all_agents"],
        made_at=row["made_at"],
    )
