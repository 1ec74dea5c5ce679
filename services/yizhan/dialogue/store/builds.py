"""Builds of releases: what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.dialogue.store.knowledge_tables import builds

ASKED = "asked"
RUNNING = "running"
DONE = "done"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Build:
    """``seen_at``: when somebody last said to be at it. ``reason`` is a name, ``detail`` for people; both of a failure."""

    id: str
    workspace: str
    state: str
    started_at: datetime
    started_by: str
    seen_at: datetime
    note: str = ""
    release_id: str = ""
    reason: str = ""
    detail: str = ""


async def add_build(tx: AsyncConnection, build: Build) -> None:
    await tx.execute(builds.insert(), [{column.name: getattr(build, column.name) for column in builds.c}])


async def oldest_asked(tx: AsyncConnection) -> Build | None:
    query = sa.select(builds).where(builds.c.state == ASKED).order_by(builds.c.id).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return Build(**row) if row else None


async def claim_build(tx: AsyncConnection, build_id: str, at: datetime) -> bool:
    """Take a build that was asked for; false when somebody else has."""
    mine = (builds.c.id == build_id) & (builds.c.state == ASKED)
    changed = await tx.execute(builds.update().where(mine).values(state=RUNNING, seen_at=at))
    return changed.rowcount == 1


async def seen_build(tx: AsyncConnection, build_id: str, at: datetime) -> None:
    await tx.execute(builds.update().where(builds.c.id == build_id).values(seen_at=at))


async def end_build(
    tx: AsyncConnection, build_id: str, state: str, *, release_id: str = "", reason: str = "", detail: str = ""
) -> None:
    """Say what became of a build that is running."""
    mine = (builds.c.id == build_id) & (builds.c.state == RUNNING)
    values = {"state": state, "release_id": release_id, "reason": reason, "detail": detail[:500]}
    await tx.execute(builds.update().where(mine).values(values))


async def running_unseen(tx: AsyncConnection, since: datetime) -> int:
    """How many run at which nobody has been since."""
    return (await tx.execute(sa.select(sa.func.count()).select_from(builds).where(_unseen(since)))).scalar() or 0


async def lose_builds(tx: AsyncConnection, since: datetime) -> None:
    """Give those up."""
    await tx.execute(builds.update().where(_unseen(since)).values(state=FAILED, reason="lost"))


async def build_by_id(tx: AsyncConnection, build_id: str) -> Build | None:
    row = (await tx.execute(sa.select(builds).where(builds.c.id == build_id))).mappings().first()
    return Build(**row) if row else None


async def list_builds(tx: AsyncConnection, workspace: str, limit: int) -> Sequence[Build]:
    """Newest first."""
    query = sa.select(builds).where(builds.c.workspace == workspace).order_by(builds.c.id.desc()).limit(limit)
    return [Build(**row) for row in (await tx.execute(query)).mappings()]


def _unseen(since: datetime) -> sa.ColumnElement[bool]:
    return (builds.c.state == RUNNING) & (builds.c.seen_at < since)
