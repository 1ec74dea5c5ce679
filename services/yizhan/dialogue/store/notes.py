"""Internal notes beside a transcript: written by the writer, read for agents' screens."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert, Write
from yizhan.dialogue.internal_note import InternalNote
from yizhan.dialogue.store.tables import notes

_FIELDS = tuple(column.name for column in notes.columns)
_insert_notes = BulkInsert(notes, _FIELDS)


def noted_down(items: Sequence[InternalNote]) -> Write:
    """IntegrityConflict: a number is taken."""
    return _insert_notes.of([_row(item) for item in items])


async def notes_after(tx: AsyncConnection, conversation_id: str, number: int, limit: int) -> Sequence[InternalNote]:
    """At most ``limit`` notes after a number, in the order in which they were written."""
    query = (
        sa.select(notes)
        .where(notes.c.conversation_id == conversation_id, notes.c.number > number)
        .order_by(notes.c.number)
        .limit(limit)
    )
    return [InternalNote(**row) for row in (await tx.execute(query)).mappings()]


def _row(item: InternalNote) -> tuple[object, ...]:
    """As the columns have it: cut to their lengths, and without NUL, which PostgreSQL does not take."""
    return tuple(_fitting(getattr(item, column.name), column) for column in notes.columns)


def _fitting(value: object, column: sa.Column[object]) -> object:
    if not isinstance(value, str):
        return value
    length = column.type.length if isinstance(column.type, sa.String) else None
    return value.replace("\x00", "")[:length]
