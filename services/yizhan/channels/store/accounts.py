"""Queries on the accounts of channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.channels.store.tables import accounts
from yizhan.core.store.database import Database


@dataclass(frozen=True, slots=True)
class AccountRow:
    workspace: str
    channel: str
    account: str
    name: str
    settings: Mapping[str, Any]
    enabled: bool
    created_at: datetime


async def read_accounts(database: Database, channel: str | None = None, account: str | None = None) -> list[AccountRow]:
    """The accounts of one channel or of all, by channel and id. Raises StoreError."""
    query = sa.select(accounts).order_by(accounts.c.channel, accounts.c.account)
    if channel is not None:
        query = query.where(accounts.c.channel == channel)
    if account is not None:
        query = query.where(accounts.c.account == account)
    async with database.read() as tx:
        return [_row(row) for row in await tx.execute(query)]


async def insert_account(tx: AsyncConnection, row: AccountRow) -> None:
    """Raises IntegrityConflict when the channel has an account of this id."""
    await tx.execute(sa.insert(accounts).values(**_values(row)))


async def lock_account(tx: AsyncConnection, channel: str, account: str) -> AccountRow | None:
    """The account, held until the transaction ends."""
    query = sa.select(accounts).where(_is(channel, account)).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def update_account(tx: AsyncConnection, row: AccountRow) -> None:
    await tx.execute(sa.update(accounts).where(_is(row.channel, row.account)).values(**_values(row)))


async def delete_account(tx: AsyncConnection, channel: str, account: str) -> bool:
    """Whether there was one."""
    return (await tx.execute(sa.delete(accounts).where(_is(channel, account)))).rowcount > 0


def _is(channel: str, account: str) -> sa.ColumnElement[bool]:
    return sa.and_(accounts.c.channel == channel, accounts.c.account == account)


def _row(row: sa.Row[Any]) -> AccountRow:
    return AccountRow(row.workspace, row.channel, row.account, row.name, row.settings, row.enabled, row.created_at)


def _values(row: AccountRow) -> Mapping[str, Any]:
    names: Sequence[str] = ("workspace", "channel", "account", "name", "settings", "enabled", "created_at")
    return {name: getattr(row, name) for name in names}
