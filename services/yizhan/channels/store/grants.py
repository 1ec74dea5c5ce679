"""Queries on what sellers consented to: one row per account, whose version tells two renewals of one grant apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import grants
from yizhan.core.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class GrantRow:
    """``consent`` is sealed. ``ends_at`` None: not known; ``refused_at`` None: it is good as far as anybody knows."""

    account: str
    consent: bytes = field(repr=False)
    version: int
    consented_at: datetime
    ends_at: datetime | None
    refused_at: datetime | None


async def read(database: Database, channel: str, account: str) -> GrantRow | None:
    """Raises StoreError."""
    async with database.read() as tx:
        row = (await tx.execute(sa.select(grants).where(_is(channel, account)))).one_or_none()
    return None if row is None else _row(row)


async def read_all(database: Database, channel: str) -> Mapping[str, GrantRow]:
    """Those of every account of a channel. Raises StoreError."""
    async with database.read() as tx:
        return {
            row.account: _row(row) for row in await tx.execute(sa.select(grants).where(grants.c.channel == channel))
        }


async def put(
    tx: Transaction, channel: str, account: str, consent: bytes, at: datetime, ends_at: datetime | None
) -> None:
    """The seller consented: whatever was there before is over."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(grants).values(
        channel=channel, account=account, consent=consent, version=1, consented_at=at, ends_at=ends_at
    )
    changed = {
        "consent": insert.excluded.consent,
        "version": grants.c.version + 1,
        "consented_at": insert.excluded.consented_at,
        "ends_at": insert.excluded.ends_at,
        "refused_at": None,
    }
    await tx.execute(insert.on_conflict_do_update(index_elements=["channel", "account"], set_=changed))


async def renew(
    tx: Transaction, channel: str, account: str, version: int, consent: bytes, ends_at: datetime | None
) -> bool:
    """What a renewal of ``version`` gave. False: it has been renewed or given anew meanwhile, and nothing is changed."""
    same = sa.and_(_is(channel, account), grants.c.version == version)
    values = {"consent": consent, "version": version + 1, "ends_at": ends_at, "refused_at": None}
    return (await tx.execute(sa.update(grants).where(same).values(values))).rowcount > 0


async def refuse(tx: Transaction, channel: str, account: str, version: int, at: datetime) -> bool:
    """The platform renews ``version`` no more. False as of ``renew``."""
    same = sa.and_(_is(channel, account), grants.c.version == version)
    return (await tx.execute(sa.update(grants).where(same).values(refused_at=at))).rowcount > 0


async def delete(tx: Transaction, channel: str, account: str) -> None:
    """The account was removed."""
    await tx.execute(sa.delete(grants).where(_is(channel, account)))


def _is(channel: str, account: str) -> sa.ColumnElement[bool]:
    return sa.and_(grants.c.channel == channel, grants.c.account == account)


def _row(row: sa.Row[Any]) -> GrantRow:
    return GrantRow(row.account, row.consent, row.version, row.consented_at, row.ends_at, row.refused_at)
