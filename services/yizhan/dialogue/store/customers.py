"""Identities: made of conversations, found by customer, listed for screens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.core.messages.address import Address
from yizhan.core.store.bulk import BulkInsert, write_together
from yizhan.core.store.database import Transaction
from yizhan.core.store.tables import among
from yizhan.dialogue.customers.identity import Identity, identity_of
from yizhan.dialogue.store.customer_tables import (
    customer_tags,
    customers_followed,
    identities,
    identity_conversations,
)
from yizhan.dialogue.store.tables import conversations

_FOLLOWED = "conversations"

_insert_identities = BulkInsert(
    identities,
    ("id", "workspace", "channel", "account", "customer", "customer_id", "first_seen_at"),
    ignore_conflicts=True,
)
_insert_places = BulkInsert(identity_conversations, ("conversation_id", "identity_id"), ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation and the identity that it follows from its address."""

    conversation_id: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Listed:
    """Which customers to list: who was heard from last first, from ``before`` (that time and an id) on."""

    workspace: str
    search: str = ""
    tag: str = ""
    before: tuple[datetime, str] | None = None
    size: int = 30


async def followed(tx: Transaction) -> str:
    """The id of the last conversation that was looked at; empty before the first."""
    query = sa.select(customers_followed.c.conversation_id).where(customers_followed.c.name == _FOLLOWED)
    return (await tx.execute(query)).scalar() or ""


async def follow(tx: Transaction, conversation_id: str) -> None:
    """Remember how far one has come; never goes back."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = insert(customers_followed).values(name=_FOLLOWED, conversation_id=conversation_id)
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["name"],
            set_={"conversation_id": new.excluded.conversation_id},
            where=customers_followed.c.conversation_id < new.excluded.conversation_id,
        )
    )


async def unfollowed(tx: Transaction, after: str, limit: int) -> Sequence[Found]:
    """Conversations after that id whose identity is not made yet, in the order of their ids."""
    known = sa.exists().where(identity_conversations.c.conversation_id == conversations.c.id)
    query = _addresses().where(conversations.c.id > after, sa.not_(known)).order_by(conversations.c.id).limit(limit)
    return [_found(row) for row in (await tx.execute(query)).mappings()]


async def found(tx: Transaction, workspace: str, conversation_id: str) -> Found | None:
    """A conversation with its identity, which may not be stored yet."""
    query = _addresses().where(conversations.c.workspace == workspace, conversations.c.id == conversation_id)
    row = (await tx.execute(query)).mappings().first()
    return _found(row) if row else None


async def place_of(tx: Transaction, conversation_id: str) -> str | None:
    """The identity whose conversation this is, if it is made."""
    query = sa.select(identity_conversations.c.identity_id)
    return (await tx.execute(query.where(identity_conversations.c.conversation_id == conversation_id))).scalar()


async def add(tx: Transaction, items: Sequence[Found]) -> None:
    """Store identities and what they have; what is there stays as it is."""
    made = {one.identity.id: one.identity for one in reversed(items)}
    await write_together(
        tx,
        [
            _insert_identities.of([_row(made[one]) for one in sorted(made)]),
            _insert_places.of(sorted((one.conversation_id, one.identity.id) for one in items)),
        ],
    )


async def identity(tx: Transaction, workspace: str, identity_id: str) -> Identity | None:
    query = sa.select(identities).where(identities.c.workspace == workspace, identities.c.id == identity_id)
    row = (await tx.execute(query)).mappings().first()
    return Identity(**row) if row else None


async def known(tx: Transaction, workspace: str, identity_ids: Collection[str]) -> frozenset[str]:
    """Those of the identities that there are."""
    query = sa.select(identities.c.id).where(identities.c.workspace == workspace, among(identities.c.id, identity_ids))
    return frozenset((await tx.execute(query)).scalars())


async def identities_of(tx: Transaction, workspace: str, customer_ids: Collection[str]) -> Sequence[Identity]:
    """Everything that these customers are reached by, in the order of their ids."""
    query = (
        sa.select(identities)
        .where(identities.c.workspace == workspace, identities.c.customer_id.in_(sorted(customer_ids)))
        .order_by(identities.c.id)
    )
    return [Identity(**row) for row in (await tx.execute(query)).mappings()]


async def lock(tx: Transaction, workspace: str, customer_ids: Collection[str], identity_ids: Collection[str]) -> None:
    """Nobody else changes whose these are until the transaction ends. Read them after this."""
    query = (
        sa.select(identities.c.id)
        .where(identities.c.workspace == workspace)
        .where(sa.or_(identities.c.customer_id.in_(sorted(customer_ids)), identities.c.id.in_(sorted(identity_ids))))
        .order_by(identities.c.id)
        .with_for_update()
    )
    await tx.execute(query)


async def give(tx: Transaction, identity_id: str, customer_id: str) -> None:
    """Write down what an identity's links come to."""
    await tx.execute(identities.update().where(identities.c.id == identity_id).values(customer_id=customer_id))


async def namesakes(tx: Transaction, workspace: str, names: Collection[str], limit: int) -> Sequence[Identity]:
    """Identities with these ids at their channels for which the business vouched."""
    query = (
        sa.select(identities)
        .where(identities.c.workspace == workspace, identities.c.customer.in_(sorted(names)), _verified())
        .order_by(identities.c.first_seen_at, identities.c.id)
        .limit(limit)
    )
    return [Identity(**row) for row in (await tx.execute(query)).mappings()]


async def list_customers(tx: Transaction, page: Listed) -> Sequence[tuple[str, datetime]]:
    """Ids of customers with the time of their last message; at most ``page.size`` + 1.

    Walks down the conversations by time and takes a customer at their newest one, so that a page costs the same however many
    there are.
    """
    at, customer_id = conversations.c.last_message_at, identities.c.customer_id
    query = (
        sa.select(customer_id, at)
        .select_from(
            conversations.join(
                identity_conversations, identity_conversations.c.conversation_id == conversations.c.id
            ).join(identities, identities.c.id == identity_conversations.c.identity_id)
        )
        .where(conversations.c.workspace == page.workspace, at.is_not(None), sa.not_(_newer(page.workspace)))
        .order_by(at.desc(), customer_id.desc())
        .limit(page.size + 1)
    )
    if page.search:
        query = query.where(customer_id.in_(_called(page.workspace, page.search)))
    if page.tag:
        query = query.where(customer_id.in_(_tagged(page.workspace, page.tag)))
    if page.before:
        last_at, last_id = page.before
        query = query.where(at <= last_at, sa.or_(at < last_at, customer_id < last_id))
    return [(row[0], row[1]) for row in await tx.execute(query)]


def _newer(workspace: str) -> sa.ColumnElement[bool]:
    """The customer has written in another conversation since."""
    theirs, places, other = identities.alias(), identity_conversations.alias(), conversations.alias()
    later = sa.or_(
        other.c.last_message_at > conversations.c.last_message_at,
        sa.and_(other.c.last_message_at == conversations.c.last_message_at, other.c.id > conversations.c.id),
    )
    return (
        sa.exists()
        .where(theirs.c.workspace == workspace, theirs.c.customer_id == identities.c.customer_id)
        .where(places.c.identity_id == theirs.c.id, other.c.id == places.c.conversation_id, later)
        .correlate(conversations, identities)
    )


_LEAST_END = 4


def _called(workspace: str, search: str) -> sa.Select[tuple[str]]:
    """Customers of whom an identity goes by this name or id, or by an id that ends so: screens call those without a name by that."""
    named = (
        sa.select(identity_conversations.c.identity_id)
        .join(conversations, conversations.c.id == identity_conversations.c.conversation_id)
        .where(conversations.c.workspace == workspace, conversations.c.customer_name.icontains(search, autoescape=True))
    )
    return sa.select(identities.c.customer_id).where(
        identities.c.workspace == workspace,
        sa.or_(
            identities.c.customer == search,
            identities.c.customer.endswith(search, autoescape=True) if len(search) >= _LEAST_END else sa.false(),
            identities.c.id == search,
            identities.c.customer_id == search,
            identities.c.id.in_(named),
        ),
    )


def _tagged(workspace: str, tag: str) -> sa.Select[tuple[str]]:
    return (
        sa.select(identities.c.customer_id)
        .join(customer_tags, customer_tags.c.identity_id == identities.c.id)
        .where(identities.c.workspace == workspace, customer_tags.c.tag == tag)
    )


def _verified() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(identity_conversations.c.identity_id == identities.c.id)
        .where(conversations.c.id == identity_conversations.c.conversation_id, conversations.c.verified)
    )


def _addresses() -> sa.Select[tuple[object, ...]]:
    table = conversations.c
    return sa.select(
        table.id, table.workspace, table.channel, table.account, table.customer, table.thread, table.first_seen_at
    )


def _found(row: sa.RowMapping) -> Found:
    address = Address(row["workspace"], row["channel"], row["account"], row["customer"], row["thread"])
    return Found(row["id"], identity_of(address, row["first_seen_at"]))


def _row(item: Identity) -> tuple[object, ...]:
    return (
        item.id,
        item.workspace,
        item.channel,
        item.account,
        item.customer,
        item.customer_id,
        item.first_seen_at,
    )
