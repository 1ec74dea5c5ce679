"""Which release is published, and which ones were. Publishing and rolling back change one row.

The version before serves the newest row of ``releases``. So that row is always what is published, also after going back to
that version; and what such a process publishes while both versions run is taken over from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.dialogue.store.knowledge_tables import built_releases, publications, published
from yizhan.dialogue.store.releases import StoredRelease
from yizhan.dialogue.store.tables import releases


@dataclass(frozen=True, slots=True)
class Publication:
    """One change of what a workspace is answered from. ``replaced_id`` is empty for the first."""

    id: str
    workspace: str
    release_id: str
    replaced_id: str
    published_at: datetime
    published_by: str
    rolled_back: bool = False
    forced_reason: str = ""


async def published_ids(tx: AsyncConnection) -> Mapping[str, str]:
    """The id of the published release of every workspace that has one."""
    rows = await tx.execute(sa.select(published.c.workspace, published.c.release_id))
    return {row[0]: row[1] for row in rows}


async def published_id(tx: AsyncConnection, workspace: str) -> str:
    """Empty when nothing is published."""
    query = sa.select(published.c.release_id).where(published.c.workspace == workspace)
    return (await tx.execute(query)).scalar() or ""


async def current(tx: AsyncConnection, workspace: str) -> Publication | None:
    """The publication that made the published release what it is; None when nothing is published."""
    named = published.c.workspace == publications.c.workspace
    query = sa.select(publications).join(published, named & (published.c.release_id == publications.c.release_id))
    newest = query.where(publications.c.workspace == workspace).order_by(publications.c.id.desc()).limit(1)
    row = (await tx.execute(newest)).mappings().first()
    return _publication(row) if row else None


async def was_published(tx: AsyncConnection, workspace: str, release_id: str) -> bool:
    mine = (publications.c.workspace == workspace) & (publications.c.release_id == release_id)
    return (await tx.execute(sa.select(publications.c.id).where(mine).limit(1))).first() is not None


async def flip(tx: AsyncConnection, publication: Publication) -> bool:
    """Publish: false, and nothing done, when something else is published than the one it replaces, or it was removed.

    Raises IntegrityConflict when somebody else publishes a workspace's first release in this moment.
    """
    there = (built_releases.c.id == publication.release_id) & built_releases.c.removed_at.is_(None)
    # Locked, so that nobody removes in the same moment what is published here.
    if (await tx.execute(sa.select(built_releases.c.id).where(there).with_for_update(read=True))).first() is None:
        return False
    row = {
        "release_id": publication.release_id,
        "since": publication.published_at,
        "published_by": publication.published_by,
        "forced_reason": publication.forced_reason,
    }
    if publication.replaced_id:
        mine = published.c.workspace == publication.workspace
        replaced = published.c.release_id == publication.replaced_id
        changed = await tx.execute(published.update().where(mine & replaced).values(row))
        if changed.rowcount != 1:
            return False
    else:
        await tx.execute(published.insert(), [{"workspace": publication.workspace, **row}])
    await tx.execute(publications.insert(), [_row(publication)])
    return True


async def list_publications(tx: AsyncConnection, workspace: str, limit: int) -> Sequence[Publication]:
    """Newest first."""
    query = sa.select(publications).where(publications.c.workspace == workspace)
    newest = query.order_by(publications.c.published_at.desc(), publications.c.id.desc()).limit(limit)
    return [_publication(row) for row in (await tx.execute(newest)).mappings()]


async def stage_for_the_version_before(tx: AsyncConnection, release: StoredRelease, data: bytes, at: datetime) -> None:
    """Write the row that the version before will read, under a number (below 0) at which it does not look yet."""
    if (await tx.execute(sa.select(releases.c.id).where(releases.c.id == release.id))).scalar():
        return
    row = {
        "id": release.id,
        "workspace": release.workspace,
        "number": -release.number,
        "entries": release.entries,
        "data": data,
        "published_at": at,
        "published_by": release.built_by,
        "source_name": release.source_name,
    }
    await tx.execute(releases.insert(), [row])


async def show_to_the_version_before(tx: AsyncConnection, publication: Publication) -> None:
    """Make the published release the newest of its table."""
    mine = releases.c.workspace == publication.workspace
    newest = (await tx.execute(sa.select(sa.func.max(releases.c.number)).where(mine))).scalar() or 0
    values = {
        "number": max(newest, 0) + 1,
        "published_at": publication.published_at,
        "published_by": publication.published_by,
    }
    await tx.execute(releases.update().where(releases.c.id == publication.release_id).values(values))


async def published_by_the_version_before(tx: AsyncConnection) -> Sequence[StoredRelease]:
    """What a process of the version before has published, and this version does not know of yet."""
    newest = (
        sa.select(releases.c.workspace, sa.func.max(releases.c.number).label("number"))
        .group_by(releases.c.workspace)
        .subquery()
    )
    here = (releases.c.workspace == newest.c.workspace) & (releases.c.number == newest.c.number)
    columns = [column for column in releases.c if column.name != "data"]
    query = sa.select(*columns).join(newest, here).where(releases.c.id.not_in(sa.select(built_releases.c.id)))
    return [
        StoredRelease(
            row["id"],
            row["workspace"],
            row["number"],
            row["entries"],
            row["published_at"],
            row["published_by"],
            row["source_name"],
        )
        for row in (await tx.execute(query)).mappings()
    ]


def _row(publication: Publication) -> dict[str, Any]:
    return {
        "id": publication.id,
        "workspace": publication.workspace,
        "release_id": publication.release_id,
        "replaced_id": publication.replaced_id,
        "published_at": publication.published_at,
        "published_by": publication.published_by,
        "rolled_back": publication.rolled_back,
        "forced_reason": publication.forced_reason,
    }


def _publication(row: Mapping[Any, Any]) -> Publication:
    return Publication(
        row["id"],
        row["workspace"],
        row["release_id"],
        row["replaced_id"],
        row["published_at"],
        row["published_by"],
        row["rolled_back"],
        row["forced_reason"],
    )
