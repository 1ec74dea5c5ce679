"""Queries on access tokens: one row per account, whose lease lets one replica at a time fetch a new token."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import tokens
from yizhan.core.store.database import Transaction


@dataclass(frozen=True, slots=True)
class TokenRow:
    """``token`` is sealed. ``lease_until`` None: nobody is fetching."""

    token: bytes | None = field(repr=False)
    expires_at: datetime | None
    lease_holder: str
    lease_until: datetime | None


async def lock_token(tx: Transaction, channel: str, account: str) -> TokenRow:
    """The account's row, made where there is none, held until the transaction ends."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    new = dialect.insert(tokens).values(channel=channel, account=account, lease_holder="")
    await tx.execute(new.on_conflict_do_nothing(index_elements=["channel", "account"]))
    columns = (tokens.c.token, tokens.c.expires_at, tokens.c.lease_holder, tokens.c.lease_until)
    row = (await tx.execute(sa.select(*columns).where(_is(channel, account)).with_for_update())).one()
    return TokenRow(row.token, row.expires_at, row.lease_holder, row.lease_until)


async def take_lease(tx: Transaction, channel: str, account: str, holder: str, until: datetime) -> None:
    """Let ``holder`` fetch; the caller holds the row and has seen that nobody else does."""
    lease = sa.update(tokens).where(_is(channel, account)).values(lease_holder=holder, lease_until=until)
    await tx.execute(lease)


async def note_token(tx: Transaction, channel: str, account: str, holder: str, token: bytes, until: datetime) -> bool:
    """Put down what is known before a further call, with the lease going on ``until``. False as of ``keep_token``."""
    mine = sa.and_(_is(channel, account), tokens.c.lease_holder == holder)
    return (await tx.execute(sa.update(tokens).where(mine).values(token=token, lease_until=until))).rowcount > 0


async def keep_token(
    tx: Transaction, channel: str, account: str, holder: str, token: bytes, expires_at: datetime
) -> bool:
    """Keep what was fetched and end the lease. False: it was somebody else's by then, and nothing is changed."""
    mine = sa.and_(_is(channel, account), tokens.c.lease_holder == holder)
    values = {"token": token, "expires_at": expires_at, "lease_holder": "", "lease_until": None}
    return (await tx.execute(sa.update(tokens).where(mine).values(values))).rowcount > 0


async def put_token(tx: Transaction, channel: str, account: str, token: bytes, expires_at: datetime) -> None:
    """Keep a token whoever has the lease, and end it."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    values = {"token": token, "expires_at": expires_at, "lease_holder": "", "lease_until": None}
    new = dialect.insert(tokens).values(channel=channel, account=account, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["channel", "account"], set_=values))


async def release_lease(tx: Transaction, channel: str, account: str, holder: str) -> None:
    """Nothing was fetched: whoever needs a token may try."""
    mine = sa.and_(_is(channel, account), tokens.c.lease_holder == holder)
    await tx.execute(sa.update(tokens).where(mine).values(lease_holder="", lease_until=None))


async def delete_token(tx: Transaction, channel: str, account: str) -> None:
    """The account was removed."""
    await tx.execute(sa.delete(tokens).where(_is(channel, account)))


def _is(channel: str, account: str) -> sa.ColumnElement[bool]:
    return sa.and_(tokens.c.channel == channel, tokens.c.account == account)
