"""Erasures: finding whose data it is, and remembering how far one has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from yizhan.core.messages.address import Address
from yizhan.core.store.database import Transaction
from yizhan.core.store.personal import Done, Subject, contains_any
from yizhan.core.store.tables import among
from yizhan.dialogue.conversation import State
from yizhan.dialogue.customers.identity import Identity
from yizhan.dialogue.store.erasure_tables import erasures
from yizhan.dialogue.store.knowledge_tables import built_releases, draft_entries
from yizhan.dialogue.store.releases import StoredRelease, release_by_id
from yizhan.dialogue.store.tables import conversations, messages

PAGE = 2000

_Subject = TypeAdapter(Subject)
_Dones = TypeAdapter(dict[str, list[Done]])


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. ``customer`` is a digest; ``subject`` None: it is finished. ``done`` is by service."""

    id: str
    workspace: str
    customer: str
    begun_at: datetime
    begun_by: str
    reason: str
    subject: Subject | None
    done: dict[str, list[Done]]
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Theirs:
    """A conversation of somebody's, and who has it."""

    id: str
    address: Address
    state: State
    agent_name: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message; ``body`` is its protobuf form."""

    seq: int
    id: str
    at: datetime
    body: bytes


async def theirs(tx: Transaction, identities: Sequence[Identity], *, lock: bool) -> Sequence[Theirs]:
    """Every conversation at these places, whatever the thread, also where no identity points to it yet."""
    c = conversations.c
    found: list[Theirs] = []
    for one in identities:
        query = sa.select(c.id, c.workspace, c.channel, c.account, c.customer, c.thread, c.state, c.agent_name).where(
            c.workspace == one.workspace, c.channel == one.channel, c.account == one.account, c.customer == one.customer
        )
        query = query.order_by(c.id)
        for row in await tx.execute(query.with_for_update() if lock else query):
            address = Address(row.workspace, row.channel, row.account, row.customer, row.thread)
            found.append(Theirs(row.id, address, State(row.state), row.agent_name))
    return found


async def bodies(tx: Transaction, conversation_id: str, after: int) -> Sequence[Said]:
    """A page of a conversation's messages."""
    m = messages.c
    query = sa.select(m.seq, m.id, m.decided_at, m.body).where(m.conversation_id == conversation_id, m.seq > after)
    return [
        Said(row.seq, row.id, row.decided_at, row.body) for row in await tx.execute(query.order_by(m.seq).limit(PAGE))
    ]


async def conversations_naming(
    tx: Transaction, after: str, wanted: Collection[str], but: Collection[str]
) -> tuple[str, Sequence[bytes]]:
    """One page of other conversations: the id that the next page begins after (empty: none), and bodies with these words."""
    ids = sa.select(conversations.c.id).where(conversations.c.id > after).order_by(conversations.c.id).limit(PAGE)
    page = (await tx.execute(ids)).scalars().all()
    if not page:
        return "", ()
    others = [one for one in page if one not in set(but)]
    query = sa.select(messages.c.body).where(
        among(messages.c.conversation_id, others), contains_any(messages.c.body, [one.encode() for one in wanted])
    )
    return page[-1], (await tx.execute(query)).scalars().all()


async def drafts_naming(tx: Transaction, wanted: Collection[str]) -> Sequence[bytes]:
    """Entries of everybody's drafts with these words in them, as they are stored."""
    query = sa.select(draft_entries.c.body).where(contains_any(draft_entries.c.body, [one.encode() for one in wanted]))
    return (await tx.execute(query)).scalars().all()


async def releases_kept(tx: Transaction) -> Sequence[StoredRelease]:
    """Every release of every workspace that still has its contents."""
    ids = (await tx.execute(sa.select(built_releases.c.id).where(built_releases.c.removed_at.is_(None)))).scalars()
    found = [await release_by_id(tx, one) for one in ids.all()]
    return [one for one in found if one is not None]


async def insert(tx: Transaction, erasure: Erasure) -> None:
    await tx.execute(erasures.insert(), [_row(erasure)])


async def save(tx: Transaction, erasure: Erasure) -> None:
    await tx.execute(erasures.update().where(erasures.c.id == erasure.id).values(_row(erasure)))


async def by_id(tx: Transaction, workspace: str, erasure_id: str) -> Erasure | None:
    query = sa.select(erasures).where(erasures.c.workspace == workspace, erasures.c.id == erasure_id)
    row = (await tx.execute(query)).mappings().first()
    return _erasure(row) if row else None


async def under_way(tx: Transaction, workspace: str) -> Sequence[Erasure]:
    """Erasures that were begun and are not finished: hardly ever one."""
    query = sa.select(erasures).where(erasures.c.workspace == workspace, erasures.c.finished_at.is_(None))
    return [_erasure(row) for row in (await tx.execute(query.order_by(erasures.c.id.desc()))).mappings()]


async def finished(tx: Transaction, workspace: str, digests: Collection[str]) -> Erasure | None:
    """The last one of this customer that was finished."""
    query = (
        sa.select(erasures)
        .where(
            erasures.c.workspace == workspace,
            erasures.c.customer.in_(sorted(digests)),
            erasures.c.finished_at.is_not(None),
        )
        .order_by(erasures.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    return _erasure(row) if row else None


async def locked(tx: Transaction, erasure_id: str) -> Erasure | None:
    """An erasure that nobody else carries on until the transaction ends."""
    row = (
        (await tx.execute(sa.select(erasures).where(erasures.c.id == erasure_id).with_for_update())).mappings().first()
    )
    return _erasure(row) if row else None


def _row(erasure: Erasure) -> dict[str, object]:
    return {
        "id": erasure.id,
        "workspace": erasure.workspace,
        "customer": erasure.customer,
        "begun_at": erasure.begun_at,
        "begun_by": erasure.begun_by,
        "reason": erasure.reason,
        "subject": _Subject.dump_json(erasure.subject).decode() if erasure.subject else None,
        "done": _Dones.dump_json(erasure.done).decode(),
        "finished_at": erasure.finished_at,
    }


def _erasure(row: sa.RowMapping) -> Erasure:
    subject = _Subject.validate_json(row["subject"]) if row["subject"] else None
    return Erasure(**{**row, "subject": subject, "done": _Dones.validate_json(row["done"])})
