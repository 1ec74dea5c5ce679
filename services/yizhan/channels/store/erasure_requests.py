"""Queries on people whom a platform wants to be erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import erasure_requests as requests
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.tables import among


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``identity_id`` is who, known here or not; ``reference`` is the platform's own of its request."""

    workspace: str
    identity_id: str
    channel: str
    account: str
    reference: str
    asked_at: datetime


async def ask(tx: Transaction, rows: Sequence[RequestRow]) -> None:
    """Note requests; the first of several about one identity stays."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    values = [
        {
            "workspace": row.workspace,
            "identity_id": row.identity_id,
            "channel": row.channel,
            "account": row.account,
            "reference": row.reference[:200],
            "asked_at": row.asked_at,
        }
        for row in sorted(rows, key=lambda row: row.identity_id)
    ]
    new = dialect.insert(requests).values(values)
    await tx.execute(new.on_conflict_do_nothing(index_elements=["workspace", "identity_id"]))


async def after(tx: Transaction, workspace: str, identity: str, limit: int) -> Sequence[RequestRow]:
    """Requests in the order of their identities, those behind ``identity``."""
    mine = sa.and_(requests.c.workspace == workspace, requests.c.identity_id > identity)
    query = sa.select(requests).where(mine).order_by(requests.c.identity_id).limit(limit)
    return [RequestRow(*row) for row in await tx.execute(query)]


async def remove(tx: Transaction, workspace: str, identities: Collection[str]) -> None:
    mine = sa.and_(requests.c.workspace == workspace, among(requests.c.identity_id, list(identities)))
    await tx.execute(sa.delete(requests).where(mine))


async def oldest(database: Database) -> datetime | None:
    """When the request that waits longest was made; None: there is none. Raises StoreError."""
    async with database.read() as tx:
        found: datetime | None = (await tx.execute(sa.select(sa.func.min(requests.c.asked_at)))).scalar()
    return found
