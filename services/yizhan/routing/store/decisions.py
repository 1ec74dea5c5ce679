"""Queries on why agents were chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.store.group_tables import decisions


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """``record`` is what ``matching.record`` makes of it."""

    case_id: str
    number: int
    workspace: str
    conversation_id: str
    at: datetime
    agent_id: str
    record: str


_DECISION = tuple(StoredDecision.__dataclass_fields__)


async def next_decision(tx: AsyncConnection, case_id: str) -> int:
    """The number of the next decision about a case, from 1; the desk must be locked."""
    query = sa.select(sa.func.max(decisions.c.number)).where(decisions.c.case_id == case_id)
    return ((await tx.execute(query)).scalar() or 0) + 1


async def keep_decision(tx: AsyncConnection, decision: StoredDecision) -> None:
    await tx.execute(decisions.insert(), [{name: getattr(decision, name) for name in _DECISION}])


async def load_decisions(tx: AsyncConnection, workspace: str, conversation_id: str) -> Sequence[StoredDecision]:
    query = (
        sa.select(decisions)
        .where(decisions.c.workspace == workspace, decisions.c.conversation_id == conversation_id)
        .order_by(decisions.c.at, decisions.c.number)
    )
    rows = (await tx.execute(query)).mappings()
    return [StoredDecision(**{name: row[name] for name in _DECISION}) for row in rows]
