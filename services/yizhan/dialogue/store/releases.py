"""Releases of the knowledge: the rows that describe them. What they hold lies in ``parts``, or in the old form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.dialogue.store.knowledge_tables import built_releases
from yizhan.dialogue.store.parts import Part
from yizhan.dialogue.store.tables import releases

_PARTS = TypeAdapter(list[Part])


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """``parts`` by their names; none: a release of the old form, see ``old_form``, or one that was removed.

    ``embedding_model``, ``embedding_failed``: as in its report.
    """

    id: str
    workspace: str
    number: int
    entries: int
    built_at: datetime
    built_by: str
    source_name: str
    note: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    removed_at: datetime | None = None
    embedding_model: str = ""
    embedding_failed: str = ""


async def add_release(tx: AsyncConnection, release: StoredRelease) -> None:
    """Its pieces are there already. Raises IntegrityConflict when another release took the number meanwhile."""
    row = {
        "id": release.id,
        "workspace": release.workspace,
        "number": release.number,
        "entries": release.entries,
        "built_at": release.built_at,
        "built_by": release.built_by,
        "source_name": release.source_name,
        "note": release.note,
        "parts": _dumped(release.parts),
        "embedding_model": release.embedding_model[:200],
        "embedding_failed": release.embedding_failed,
    }
    await tx.execute(built_releases.insert(), [row])


async def last_release_number(tx: AsyncConnection, workspace: str) -> int:
    query = sa.select(sa.func.max(built_releases.c.number)).where(built_releases.c.workspace == workspace)
    return (await tx.execute(query)).scalar() or 0


async def release_by_id(tx: AsyncConnection, release_id: str) -> StoredRelease | None:
    query = sa.select(built_releases).where(built_releases.c.id == release_id)
    row = (await tx.execute(query)).mappings().first()
    return _release(row) if row else None


async def release_by_number(tx: AsyncConnection, workspace: str, number: int) -> StoredRelease | None:
    mine = (built_releases.c.workspace == workspace) & (built_releases.c.number == number)
    row = (await tx.execute(sa.select(built_releases).where(mine))).mappings().first()
    return _release(row) if row else None


async def list_releases(tx: AsyncConnection, workspace: str, below: int, limit: int) -> Sequence[StoredRelease]:
    """Newest first, with numbers below this one."""
    mine = (built_releases.c.workspace == workspace) & (built_releases.c.number < below)
    query = sa.select(built_releases).where(mine).order_by(built_releases.c.number.desc()).limit(limit)
    return [_release(row) for row in (await tx.execute(query)).mappings()]


async def add_parts(tx: AsyncConnection, release: StoredRelease, made: Sequence[Part]) -> None:
    """Name parts that were made later. Where another process did so meanwhile, its parts stay: they say the same."""
    parts = _dumped({**release.parts, **{part.name: part for part in made}})
    mine = (built_releases.c.id == release.id) & (built_releases.c.parts == _dumped(release.parts))
    await tx.execute(built_releases.update().where(mine).values(parts=parts))


def renumbered(release: StoredRelease, number: int) -> StoredRelease:
    return replace(release, number=number)


async def old_form(tx: AsyncConnection, release_id: str) -> bytes | None:
    """The entries of a release from before there were parts, as gzipped JSON."""
    query = sa.select(releases.c.data).where(releases.c.id == release_id)
    return (await tx.execute(query)).scalar()


def _dumped(parts: Mapping[str, Part]) -> str:
    if not parts:
        return ""
    return _PARTS.dump_json([parts[name] for name in sorted(parts)]).decode()


def _release(row: Mapping[Any, Any]) -> StoredRelease:
    parts = _PARTS.validate_json(row["parts"]) if row["parts"] else []
    return StoredRelease(
        row["id"],
        row["workspace"],
        row["number"],
        row["entries"],
        row["built_at"],
        row["built_by"],
        row["source_name"],
        row["note"],
        {part.name: part for part in parts},
        row["removed_at"],
        row["embedding_model"],
        row["embedding_failed"],
    )
