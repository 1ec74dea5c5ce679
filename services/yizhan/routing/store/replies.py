"""Canned replies as rows. Who may change which is decided by ``replies.book``."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert
from yizhan.routing.replies.reply import SHARED, CannedReply, shortcut_key
from yizhan.routing.store.reply_tables import canned_replies, reply_settings

_FIELDS = tuple(column.name for column in canned_replies.columns if column.name != "shortcut_key")
_NAME = BulkInsert(reply_settings, ("workspace", "workspace_name"), update_conflicts=True)


async def insert_reply(tx: AsyncConnection, reply: CannedReply) -> None:
    """Raises IntegrityConflict when the owner has this shortcut."""
    await tx.execute(canned_replies.insert(), [_row(reply)])


async def save_reply(tx: AsyncConnection, reply: CannedReply, seen: int) -> bool:
    """False: it was changed since, or is gone. Raises IntegrityConflict when the owner has another one with this shortcut."""
    values = {name: value for name, value in _row(reply).items() if name not in ("id", "workspace", "uses")}
    where = (canned_replies.c.id == reply.id, canned_replies.c.revision == seen)
    return (await tx.execute(canned_replies.update().where(*where).values(values))).rowcount > 0


async def delete_reply(tx: AsyncConnection, reply_id: str, seen: int) -> bool:
    """False: it was changed since, or is gone."""
    where = (canned_replies.c.id == reply_id, canned_replies.c.revision == seen)
    return (await tx.execute(canned_replies.delete().where(*where))).rowcount > 0


async def load_reply(tx: AsyncConnection, workspace: str, reply_id: str) -> CannedReply | None:
    c = canned_replies.c
    row = (await tx.execute(_select().where(c.id == reply_id, c.workspace == workspace))).mappings().first()
    return _reply(row) if row else None


async def load_replies(tx: AsyncConnection, workspace: str, viewer: str) -> Sequence[CannedReply]:
    """The shared ones and one's own, in the order of folder, title and id, the same on every database."""
    c = canned_replies.c
    rows = await tx.execute(_select().where(c.workspace == workspace, c.owner_id.in_([SHARED, viewer])))
    found = [_reply(row) for row in rows.mappings()]
    return sorted(found, key=lambda one: (one.folder, one.title, one.id))


async def count_replies(tx: AsyncConnection, workspace: str, owner_id: str) -> int:
    c = canned_replies.c
    query = (
        sa.select(sa.func.count()).select_from(canned_replies).where(c.workspace == workspace, c.owner_id == owner_id)
    )
    return int((await tx.execute(query)).scalar_one())


async def count_use(tx: AsyncConnection, reply_id: str) -> None:
    """One more; that is no change that anybody has to read again."""
    c = canned_replies.c
    await tx.execute(canned_replies.update().where(c.id == reply_id).values(uses=c.uses + 1))


async def workspace_name(tx: AsyncConnection, workspace: str) -> str:
    query = sa.select(reply_settings.c.workspace_name).where(reply_settings.c.workspace == workspace)
    return str((await tx.execute(query)).scalar() or "")


async def set_workspace_name(tx: AsyncConnection, workspace: str, name: str) -> None:
    await _NAME.insert(tx, [(workspace, name)])


def _select() -> sa.Select[tuple[object, ...]]:
    return sa.select(*(canned_replies.c[name] for name in _FIELDS))


def _row(reply: CannedReply) -> dict[str, object]:
    return {name: getattr(reply, name) for name in _FIELDS} | {"shortcut_key": shortcut_key(reply.shortcut)}


def _reply(row: sa.RowMapping) -> CannedReply:
    return CannedReply(**row)
