"""Drafts of the knowledge: entries and documents as editors change them, and who changed what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert
from yizhan.dialogue.store.knowledge_tables import draft_changes, draft_documents, draft_entries, drafts

ENTRY = "entry"
DOCUMENT = "document"
IMPORT = "import"


@dataclass(frozen=True, slots=True)
class DraftHead:
    """The draft of a workspace: which rows are its entries, and how often it was changed."""

    workspace: str
    generation: str
    revision: int
    changed_at: datetime
    source_name: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An entry of a draft as JSON. ``place`` is where it is listed."""

    entry_id: str
    place: int
    body: bytes
    revision: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class DraftDocument:
    name: str
    text: str
    revision: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changed; None for what was not there. ``import_id``: the import that it was part of."""

    id: str
    workspace: str
    kind: str
    name: str
    changed_at: datetime
    changed_by: str
    before: bytes | None
    after: bytes | None
    import_id: str = ""
    note: str = ""


_CHANGE_COLUMNS = (
    "id",
    "workspace",
    "kind",
    "name",
    "changed_at",
    "changed_by",
    "before",
    "after",
    "import_id",
    "note",
)
_ROW_COLUMNS = ("workspace", "generation", "entry_id", "place", "body", "revision", "changed_at", "changed_by")
_CHANGES = BulkInsert(draft_changes, _CHANGE_COLUMNS)
_ROWS = BulkInsert(draft_entries, _ROW_COLUMNS)


async def draft_head(tx: AsyncConnection, workspace: str) -> DraftHead | None:
    row = (await tx.execute(sa.select(drafts).where(drafts.c.workspace == workspace))).mappings().first()
    if row is None:
        return None
    return DraftHead(row["workspace"], row["generation"], row["revision"], row["changed_at"], row["source_name"])


async def begin_draft(tx: AsyncConnection, head: DraftHead) -> None:
    """Raises IntegrityConflict when the workspace has a draft."""
    row = {
        "workspace": head.workspace,
        "generation": head.generation,
        "revision": head.revision,
        "changed_at": head.changed_at,
        "source_name": head.source_name,
    }
    await tx.execute(drafts.insert(), [row])


async def advance(tx: AsyncConnection, before: DraftHead, after: DraftHead) -> bool:
    """Change the head of a draft that is still at the generation and revision that were seen; false when it is not."""
    mine = (drafts.c.workspace == before.workspace) & (drafts.c.revision == before.revision)
    changed = await tx.execute(
        drafts.update()
        .where(mine & (drafts.c.generation == before.generation))
        .values(
            generation=after.generation,
            revision=after.revision,
            changed_at=after.changed_at,
            source_name=after.source_name,
        )
    )
    return changed.rowcount == 1


async def lock_draft(tx: AsyncConnection, workspace: str, at: datetime) -> DraftHead | None:
    """Count a change of a draft and hold it to the end of the transaction; the head as it is with this change."""
    mine = drafts.c.workspace == workspace
    changed = await tx.execute(drafts.update().where(mine).values(revision=drafts.c.revision + 1, changed_at=at))
    return await draft_head(tx, workspace) if changed.rowcount else None


async def add_draft_rows(tx: AsyncConnection, head: DraftHead, rows: Sequence[DraftRow]) -> None:
    await _ROWS.insert(
        tx,
        [
            (
                head.workspace,
                head.generation,
                row.entry_id,
                row.place,
                row.body,
                row.revision,
                row.changed_at,
                row.changed_by,
            )
            for row in rows
        ],
    )


async def replace_draft_row(tx: AsyncConnection, head: DraftHead, row: DraftRow) -> None:
    await delete_draft_row(tx, head, row.entry_id)
    await add_draft_rows(tx, head, [row])


async def delete_draft_row(tx: AsyncConnection, head: DraftHead, entry_id: str) -> None:
    await tx.execute(draft_entries.delete().where(_of(head) & (draft_entries.c.entry_id == entry_id)))


async def draft_row(tx: AsyncConnection, head: DraftHead, entry_id: str) -> DraftRow | None:
    query = sa.select(draft_entries).where(_of(head) & (draft_entries.c.entry_id == entry_id))
    row = (await tx.execute(query)).mappings().first()
    return _draft_row(row) if row else None


async def draft_rows(tx: AsyncConnection, head: DraftHead, after: int, limit: int) -> Sequence[DraftRow]:
    """The next entries of the draft, in the order in which they are listed, from after a place on."""
    mine = _of(head) & (draft_entries.c.place > after)
    query = sa.select(draft_entries).where(mine).order_by(draft_entries.c.place).limit(limit)
    return [_draft_row(row) for row in (await tx.execute(query)).mappings()]


async def last_place(tx: AsyncConnection, head: DraftHead) -> int:
    return (await tx.execute(sa.select(sa.func.max(draft_entries.c.place)).where(_of(head)))).scalar() or 0


async def other_generations(tx: AsyncConnection, workspace: str, generation: str) -> Sequence[str]:
    """Generations that have rows and are not this one: what an import replaced, or did not finish."""
    mine = (draft_entries.c.workspace == workspace) & (draft_entries.c.generation != generation)
    found = await tx.execute(sa.select(draft_entries.c.generation).where(mine).distinct())
    return [row[0] for row in found]


async def delete_some_rows(tx: AsyncConnection, workspace: str, generation: str, most: int) -> int:
    """Delete up to ``most`` entries of a generation; how many there were to delete."""
    mine = (draft_entries.c.workspace == workspace) & (draft_entries.c.generation == generation)
    query = sa.select(draft_entries.c.entry_id).where(mine).limit(most)
    ids = [row[0] for row in await tx.execute(query)]
    if ids:
        await tx.execute(draft_entries.delete().where(mine & draft_entries.c.entry_id.in_(ids)))
    return len(ids)


async def draft_documents_of(tx: AsyncConnection, workspace: str) -> Mapping[str, DraftDocument]:
    query = sa.select(draft_documents).where(draft_documents.c.workspace == workspace)
    rows = (await tx.execute(query)).mappings()
    return {
        row["name"]: DraftDocument(row["name"], row["text"], row["revision"], row["changed_at"], row["changed_by"])
        for row in rows
    }


async def put_document(tx: AsyncConnection, workspace: str, document: DraftDocument) -> None:
    await delete_document(tx, workspace, document.name)
    row = {
        "workspace": workspace,
        "name": document.name,
        "text": document.text,
        "revision": document.revision,
        "changed_at": document.changed_at,
        "changed_by": document.changed_by,
    }
    await tx.execute(draft_documents.insert(), [row])


async def delete_document(tx: AsyncConnection, workspace: str, name: str) -> None:
    mine = (draft_documents.c.workspace == workspace) & (draft_documents.c.name == name)
    await tx.execute(draft_documents.delete().where(mine))


async def add_changes(tx: AsyncConnection, changes: Sequence[Change]) -> None:
    rows = [tuple(getattr(change, column) for column in _CHANGE_COLUMNS) for change in changes]
    await _CHANGES.insert(tx, rows)


async def list_changes(
    tx: AsyncConnection, workspace: str, *, name: str = "", before_id: str = "", limit: int = 50
) -> Sequence[Change]:
    """Newest first, of one entry or document (then also what imports did to it) or of the whole draft."""
    happened = sa.select(draft_changes.c.id).where(
        (draft_changes.c.workspace == workspace) & (draft_changes.c.kind == IMPORT)
    )
    mine = draft_changes.c.workspace == workspace
    if name:
        mine &= (draft_changes.c.name == name) & (draft_changes.c.kind != IMPORT)
        mine &= (draft_changes.c.import_id == "") | draft_changes.c.import_id.in_(happened)
    else:
        mine &= draft_changes.c.import_id == ""
    if before_id:
        mine &= draft_changes.c.id < before_id
    query = sa.select(draft_changes).where(mine).order_by(draft_changes.c.id.desc()).limit(limit)
    return [Change(**row) for row in (await tx.execute(query)).mappings()]


def _of(head: DraftHead) -> sa.ColumnElement[bool]:
    return (draft_entries.c.workspace == head.workspace) & (draft_entries.c.generation == head.generation)


def _draft_row(row: Mapping[Any, Any]) -> DraftRow:
    return DraftRow(row["entry_id"], row["place"], row["body"], row["revision"], row["changed_at"], row["changed_by"])
