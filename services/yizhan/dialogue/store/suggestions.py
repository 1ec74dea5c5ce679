"""What agents made of suggestions: one row for each that they saw when they said something, or found by searching."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yizhan.core.store.bulk import BulkInsert, Write
from yizhan.core.store.database import Transaction
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.misses.suggestion import Used, UseOutcome
from yizhan.dialogue.store.miss_tables import suggestion_uses

_insert_uses = BulkInsert(
    suggestion_uses, ("id", "workspace", "conversation_id", "entry_id", "outcome", "agent_id", "at")
)


@dataclass(frozen=True, slots=True)
class UseCounts:
    """What became of the suggestions of one entry; of all with an empty id. ``found_*``: what was not suggested."""

    entry_id: str
    as_is: int = 0
    edited: int = 0
    ignored: int = 0
    found_as_is: int = 0
    found_edited: int = 0


def uses(items: Sequence[tuple[Conversation, Used]], now: datetime) -> Write:
    """To write along with what the agent said."""
    return _insert_uses.of(
        [
            (one.id, owner.address.workspace, owner.id, one.entry_id, one.outcome.value, one.agent_id, now)
            for owner, one in items
        ]
    )


async def count_uses(tx: Transaction, workspace: str, since: datetime, limit: int) -> Sequence[UseCounts]:
    """By entry since then, those that agents took most often first; at most ``limit``."""
    ignored = _count(UseOutcome.IGNORED)
    query = (
        sa.select(suggestion_uses.c.entry_id, *_counts())
        .where(suggestion_uses.c.workspace == workspace, suggestion_uses.c.at >= since)
        .group_by(suggestion_uses.c.entry_id)
        .order_by((sa.func.count() - ignored).desc(), sa.func.count().desc(), suggestion_uses.c.entry_id)
        .limit(limit)
    )
    return [UseCounts(**row) for row in (await tx.execute(query)).mappings()]


async def total_uses(tx: Transaction, workspace: str, since: datetime) -> UseCounts:
    query = sa.select(*_counts()).where(suggestion_uses.c.workspace == workspace, suggestion_uses.c.at >= since)
    return UseCounts("", **(await tx.execute(query)).mappings().one())


def _counts() -> list[sa.Label[int]]:
    """One for each outcome, by its name."""
    return [_count(outcome).label(outcome.value) for outcome in UseOutcome]


def _count(outcome: UseOutcome) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((suggestion_uses.c.outcome == outcome.value, 1)))
