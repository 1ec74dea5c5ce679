"""Releases of the knowledge. The newest of a workspace is the published one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.dialogue.store.tables import releases


@dataclass(frozen=True, slots=True)
class StoredRelease:
    id: str
    workspace: str
    number: int
    entries: int
    published_at: datetime
    published_by: str
    source_name: str


async def add_release(tx: AsyncConnection, release: StoredRelease, data: bytes) -> None:
    """Raises IntegrityConflict when another release took the number meanwhile."""
    await tx.execute(
        releases.insert(),
        [
            {
                "id": release.id,
                "workspace": release.workspace,
                "number": release.number,
                "entries": release.entries,
                "data": data,
                "published_at": release.published_at,
                "published_by": release.published_by,
                "source_name": release.source_name,
            }
        ],
    )


async def last_release_number(tx: AsyncConnection, workspace: str) -> int:
    query = sa.select(sa.func.max(releases.c.number)).where(releases.c.workspace == workspace)
    return (await tx.execute(query)).scalar() or 0


async def published_numbers(tx: AsyncConnection) -> Mapping[str, int]:
    """The number of the published release of every workspace that has one."""
    query = sa.select(releases.c.workspace, sa.func.max(releases.c.number)).group_by(releases.c.workspace)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def release_data(tx: AsyncConnection, workspace: str, number: int) -> tuple[StoredRelease, bytes] | None:
    query = sa.select(releases).where(releases.c.workspace == workspace, releases.c.number == number)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    release = StoredRelease(
        row["id"],
        row["workspace"],
        row["number"],
        row["entries"],
        row["published_at"],
        row["published_by"],
        row["source_name"],
    )
    return release, row["data"]
