"""What is on record about identities: how often they came, what was said and decided, what was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yizhan.core.messages.message import AuthorKind
from yizhan.core.store.database import Transaction
from yizhan.core.store.tables import among
from yizhan.dialogue.store.customer_tables import identity_conversations
from yizhan.dialogue.store.miss_tables import misses
from yizhan.dialogue.store.tables import conversations, decisions, messages


@dataclass(frozen=True, slots=True)
class Use:
    """How often an identity came: all that there is, ``messages`` of both sides."""

    conversations: int
    sessions: int
    messages: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Face:
    """What a conversation knows of its customer. ``in_task``: the assistant does something with them step by step, or did."""

    identity_id: str
    conversation_id: str
    name: str
    locale: str
    verified: bool
    in_task: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the customer or the assistant; ``body`` is its protobuf form."""

    conversation_id: str
    id: str
    by_customer: bool
    body: bytes


async def uses(tx: Transaction, identity_ids: Sequence[str]) -> Mapping[str, Use]:
    """By identity."""
    table = conversations.c
    last = sa.func.coalesce(table.last_message_at, table.first_seen_at, type_=table.first_seen_at.type)
    query = (
        sa.select(
            identity_conversations.c.identity_id,
            sa.func.count(),
            sa.func.sum(table.session),
            sa.func.sum(table.last_seq),
            sa.func.min(table.first_seen_at, type_=table.first_seen_at.type),
            sa.func.max(last, type_=table.first_seen_at.type),
        )
        .join(conversations, table.id == identity_conversations.c.conversation_id)
        .where(identity_conversations.c.identity_id.in_(identity_ids))
        .group_by(identity_conversations.c.identity_id)
    )
    rows = (await tx.execute(query)).all()
    return {row[0]: Use(row[1], int(row[2]), int(row[3]), row[4], row[5]) for row in rows}


async def faces(tx: Transaction, identity_ids: Sequence[str], limit: int) -> Sequence[Face]:
    """The conversations of these identities, newest first; at most ``limit``."""
    table = conversations.c
    last = sa.func.coalesce(table.last_message_at, table.first_seen_at)
    query = (
        sa.select(
            identity_conversations.c.identity_id,
            table.id,
            table.customer_name,
            table.locale,
            table.verified,
            table.task.is_not(None),
        )
        .join(identity_conversations, identity_conversations.c.conversation_id == table.id)
        .where(identity_conversations.c.identity_id.in_(identity_ids))
        .order_by(last.desc(), table.id.desc())
        .limit(limit)
    )
    return [Face(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in await tx.execute(query)]


async def said_since(tx: Transaction, identity_ids: Sequence[str], since: datetime, limit: int) -> Sequence[Said]:
    """What customers and the assistant said, newest first; at most ``limit``."""
    speakers = [int(AuthorKind.CUSTOMER), int(AuthorKind.BOT)]
    query = (
        sa.select(messages.c.conversation_id, messages.c.id, messages.c.author_kind, messages.c.body)
        .join(identity_conversations, identity_conversations.c.conversation_id == messages.c.conversation_id)
        .where(identity_conversations.c.identity_id.in_(identity_ids))
        .where(messages.c.decided_at >= since, messages.c.author_kind.in_(speakers))
        .order_by(messages.c.decided_at.desc(), messages.c.id.desc())
        .limit(limit)
    )
    return [Said(row[0], row[1], row[2] == speakers[0], row[3]) for row in await tx.execute(query)]


async def decided(tx: Transaction, message_ids: Sequence[str]) -> Sequence[tuple[bytes, datetime]]:
    """The documents of decisions about these messages, as far as they are kept, with their times."""
    query = sa.select(decisions.c.document, decisions.c.decided_at).where(among(decisions.c.id, message_ids))
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def decided_otherwise(
    tx: Transaction, identity_ids: Sequence[str], since: datetime, limit: int
) -> Sequence[tuple[bytes, datetime]]:
    """The documents of decisions that no message brought about, but a result or a time that passed."""
    query = (
        sa.select(decisions.c.document, decisions.c.decided_at)
        .join(identity_conversations, identity_conversations.c.conversation_id == decisions.c.conversation_id)
        .where(identity_conversations.c.identity_id.in_(identity_ids))
        .where(decisions.c.command.is_not(None), decisions.c.decided_at >= since)
        .order_by(decisions.c.decided_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def missed(tx: Transaction, identity_ids: Sequence[str]) -> Mapping[str, int]:
    """How many questions were not answered well, by reason."""
    query = (
        sa.select(misses.c.reason, sa.func.count(sa.distinct(misses.c.message_id)))
        .join(identity_conversations, identity_conversations.c.conversation_id == misses.c.conversation_id)
        .where(identity_conversations.c.identity_id.in_(identity_ids))
        .group_by(misses.c.reason)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}
