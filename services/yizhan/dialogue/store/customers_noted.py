"""Tags, attributes and notes of identities."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from yizhan.core.store.bulk import BulkInsert
from yizhan.core.store.database import Transaction
from yizhan.dialogue.customers.identity import Editor
from yizhan.dialogue.customers.noted import Attribute, Note, Tag
from yizhan.dialogue.store.customer_tables import customer_attributes, customer_notes, customer_tags

_insert_tags = BulkInsert(customer_tags, ("identity_id", "tag", "by_id", "by_name", "at"), ignore_conflicts=True)
_put_attributes = BulkInsert(
    customer_attributes, ("identity_id", "name", "value", "by_id", "by_name", "at"), update_conflicts=True
)


async def tags_of(tx: Transaction, identity_ids: Collection[str]) -> Sequence[Tag]:
    query = sa.select(customer_tags).where(customer_tags.c.identity_id.in_(sorted(identity_ids)))
    rows = (await tx.execute(query)).mappings()
    return [Tag(row["identity_id"], row["tag"], _by(row), row["at"]) for row in rows]


async def attributes_of(tx: Transaction, identity_ids: Collection[str]) -> Sequence[Attribute]:
    query = sa.select(customer_attributes).where(customer_attributes.c.identity_id.in_(sorted(identity_ids)))
    rows = (await tx.execute(query)).mappings()
    return [Attribute(row["identity_id"], row["name"], row["value"], _by(row), row["at"]) for row in rows]


async def notes_of(tx: Transaction, identity_ids: Collection[str], limit: int) -> Sequence[Note]:
    """The newest, at most ``limit``."""
    query = (
        sa.select(customer_notes)
        .where(customer_notes.c.identity_id.in_(sorted(identity_ids)))
        .order_by(customer_notes.c.at.desc(), customer_notes.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.execute(query)).mappings()
    return [Note(row["id"], row["identity_id"], row["text"], _by(row), row["at"]) for row in rows]


async def count_notes(tx: Transaction, identity_ids: Collection[str]) -> int:
    theirs = customer_notes.c.identity_id.in_(sorted(identity_ids))
    query = sa.select(sa.func.count()).select_from(customer_notes).where(theirs)
    return int((await tx.execute(query)).scalar_one())


async def add_tags(tx: Transaction, tags: Sequence[Tag]) -> None:
    await _insert_tags.insert(tx, [(t.identity_id, t.tag, t.by.id, t.by.name, t.at) for t in tags])


async def remove_tags(tx: Transaction, identity_ids: Collection[str], tags: Collection[str]) -> None:
    await tx.execute(
        customer_tags.delete().where(
            customer_tags.c.identity_id.in_(sorted(identity_ids)), customer_tags.c.tag.in_(sorted(tags))
        )
    )


async def put_attributes(tx: Transaction, attributes: Sequence[Attribute]) -> None:
    await _put_attributes.insert(tx, [(a.identity_id, a.name, a.value, a.by.id, a.by.name, a.at) for a in attributes])


async def remove_attributes(tx: Transaction, identity_ids: Collection[str], names: Collection[str]) -> None:
    await tx.execute(
        customer_attributes.delete().where(
            customer_attributes.c.identity_id.in_(sorted(identity_ids)),
            customer_attributes.c.name.in_(sorted(names)),
        )
    )


async def add_note(tx: Transaction, note: Note) -> None:
    await tx.execute(
        customer_notes.insert(),
        [
            {
                "id": note.id,
                "identity_id": note.identity_id,
                "text": note.text,
                "by_id": note.by.id,
                "by_name": note.by.name,
                "at": note.at,
            }
        ],
    )


def _by(row: sa.RowMapping) -> Editor:
    return Editor(row["by_id"], row["by_name"])
