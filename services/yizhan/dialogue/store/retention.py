"""Deleting what has been kept long enough, a limited number of rows at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from yizhan.core.store.database import Transaction
from yizhan.dialogue.retention.outdated import Life
from yizhan.dialogue.store.knowledge_tables import built_releases, publications, published, release_parts
from yizhan.dialogue.store.miss_tables import miss_grouping, miss_groups, misses, suggestion_uses
from yizhan.dialogue.store.tables import decisions, releases


async def drop_decisions(tx: Transaction, before: datetime, limit: int) -> int:
    """How many went, at most ``limit``; the oldest first."""
    old = _oldest(decisions, decisions.c.decided_at, before, limit)
    return (await tx.execute(decisions.delete().where(decisions.c.id.in_(old)))).rowcount


async def drop_suggestions(tx: Transaction, before: datetime, limit: int) -> int:
    old = _oldest(suggestion_uses, suggestion_uses.c.at, before, limit)
    return (await tx.execute(suggestion_uses.delete().where(suggestion_uses.c.id.in_(old)))).rowcount


async def drop_misses(tx: Transaction, before: datetime, limit: int) -> int:
    """Old misses go, but for the wordings by which a group that is still missed recognises new ones."""
    alive = sa.exists().where(miss_groups.c.id == misses.c.group_id, miss_groups.c.last_at >= before)
    of_use = sa.and_(misses.c.leads, alive)
    found = await tx.execute(
        sa.select(misses.c.id, misses.c.workspace)
        .where(misses.c.at < before, sa.not_(of_use))
        .order_by(misses.c.at)
        .limit(limit)
    )
    rows = list(found)
    if not rows:
        return 0
    gone = (await tx.execute(misses.delete().where(misses.c.id.in_([row.id for row in rows])))).rowcount
    # Whoever groups in this moment has read what is gone, and begins again.
    touched = sorted({row.workspace for row in rows})
    await tx.execute(
        miss_grouping.update().where(miss_grouping.c.workspace.in_(touched)).values(version=miss_grouping.c.version + 1)
    )
    return gone


async def drop_empty_groups(tx: Transaction, before: datetime, limit: int) -> int:
    """Groups of which no miss is left."""
    filled = sa.exists().where(misses.c.workspace == miss_groups.c.workspace, misses.c.group_id == miss_groups.c.id)
    old = (
        sa.select(miss_groups.c.id)
        .where(miss_groups.c.last_at < before, sa.not_(filled))
        .order_by(miss_groups.c.last_at)
        .limit(limit)
    )
    return (await tx.execute(miss_groups.delete().where(miss_groups.c.id.in_(old)))).rowcount


async def release_lives(tx: Transaction) -> Sequence[Life]:
    """Every release that still has its contents."""
    replaced = (
        sa.select(sa.func.max(publications.c.published_at))
        .where(
            sa.or_(
                publications.c.replaced_id == built_releases.c.id,
                publications.c.release_id == built_releases.c.id,
            )
        )
        .correlate(built_releases)
        .scalar_subquery()
    )
    query = sa.select(
        built_releases.c.id,
        built_releases.c.workspace,
        built_releases.c.number,
        built_releases.c.built_at,
        replaced.label("told_at"),
    ).where(built_releases.c.removed_at.is_(None))
    return [
        Life(row.id, row.workspace, row.number, max(row.built_at, row.told_at or row.built_at))
        for row in await tx.execute(query)
    ]


async def releases_needed(tx: Transaction) -> Mapping[str, Sequence[str]]:
    """By workspace what is published, and what was published before it."""
    rows = await tx.execute(sa.select(published.c.workspace, published.c.release_id))
    needed: dict[str, Sequence[str]] = {}
    for workspace, release_id in rows.all():
        before = (
            sa.select(publications.c.replaced_id)
            .where(publications.c.workspace == workspace, publications.c.release_id == release_id)
            .order_by(publications.c.id.desc())
            .limit(1)
        )
        needed[workspace] = (release_id, (await tx.execute(before)).scalar() or "")
    return needed


async def decided_with(tx: Transaction, release_id: str) -> bool:
    """Whether a decision that is kept was made from this release, or may have been: the version before did not say."""
    unknown = sa.exists().where(decisions.c.release_id.is_(None))
    known = sa.exists().where(decisions.c.release_id == release_id)
    return bool((await tx.execute(sa.select(sa.or_(unknown, known)))).scalar())


async def remove_release(tx: Transaction, release_id: str, now: datetime) -> bool:
    """Take a release out of use, unless it was published again in this moment; its pieces are deleted after that."""
    mine = built_releases.c.id == release_id
    locked = sa.select(built_releases.c.id).where(mine, built_releases.c.removed_at.is_(None)).with_for_update()
    if (await tx.execute(locked)).first() is None:
        return False
    if (await tx.execute(sa.select(published.c.workspace).where(published.c.release_id == release_id))).first():
        return False
    await tx.execute(built_releases.update().where(mine).values(removed_at=now, parts=""))
    await tx.execute(releases.delete().where(releases.c.id == release_id))
    return True


async def drop_removed_pieces(tx: Transaction, limit: int) -> int:
    """Delete pieces of releases that are out of use; how many, at most ``limit``."""
    gone = sa.select(built_releases.c.id).where(built_releases.c.removed_at.is_not(None))
    rows = await tx.execute(
        sa.select(release_parts.c.release_id, release_parts.c.name, release_parts.c.place)
        .where(release_parts.c.release_id.in_(gone))
        .limit(limit)
    )
    found = rows.all()
    for release_id, name, place in found:
        one = (release_parts.c.release_id == release_id) & (release_parts.c.name == name)
        await tx.execute(release_parts.delete().where(one & (release_parts.c.place == place)))
    return len(found)


def _oldest(table: sa.Table, at: sa.ColumnElement[datetime], before: datetime, limit: int) -> sa.Select[tuple[str]]:
    return sa.select(table.c.id).where(at < before).order_by(at).limit(limit)
