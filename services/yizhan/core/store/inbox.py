"""Keys of what was already taken in, recorded in the same transaction as its effect.

A key may name a customer. When they are erased its digest takes its place (``erased_key``), so that what a platform repeats
later is still known.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Column, Index, MetaData, String, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store import direct
from yizhan.core.store.database import Database
from yizhan.core.store.direct import quoted
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.tables import UtcDateTime, among, database_now

log = structlog.get_logger(__name__)

KEEP = timedelta(days=7)
"""Longer than any platform repeats a push, and than a message may lie in a dead-letter queue unseen."""

PRUNE_SECONDS = 3600.0
_PAGE = 2000


class Claim(StrEnum):
    """What a key is to us. NEW: act. REDELIVERED: this very envelope was handled. DUPLICATE: another one was."""

    NEW = "new"
    REDELIVERED = "redelivered"
    DUPLICATE = "duplicate"


class Claims(dict[str, Claim]):
    """The claim of each key, by key; for a key given several times that of its first envelope.

    ``each`` has one claim per pair given, in order: the second envelope with a key is a REDELIVERED (same id) or a
    DUPLICATE, also within one call.
    """

    each: tuple[Claim, ...] = ()


def erased_key(key: str) -> str:
    """What stands for a key whose customer was erased."""
    return f"x:{hashlib.sha256(key.encode()).hexdigest()}"


def inbox_table(metadata: MetaData, service: str) -> Table:
    return Table(
        f"{service}_inbox",
        metadata,
        Column("key", String, primary_key=True),
        Column("envelope_id", String, nullable=False),
        Column("claimed_at", UtcDateTime, nullable=False, server_default=database_now()),
        Index(None, "claimed_at"),
        sqlite_with_rowid=False,
    )


class Inbox:
    """The inbox of one service. ``erasable``: its keys may name customers, so digests of them are looked for, too."""

    def __init__(self, database: Database, table: Table, *, erasable: bool = False) -> None:
        self._database = database
        self._table = table
        self._erasable = erasable

    async def claim(self, tx: AsyncConnection, keys: Sequence[tuple[str, str]]) -> Claims:
        """Claim (key, envelope id) pairs in the caller's transaction; a rollback gives them back.

        Another transaction that claims the same key is waited for. Keys are taken in sorted order, so that two
        transactions with several keys in common cannot wait for each other. A key that was erased is a DUPLICATE.
        """
        first: dict[str, str] = {}
        for key, envelope_id in keys:
            first.setdefault(key, envelope_id)
        if not first:
            return Claims()
        new = await self._insert(tx, sorted(first.items()))
        owners = {key: first[key] for key in new}
        if len(owners) < len(first):
            table = self._table
            query = select(table.c.key, table.c.envelope_id).where(among(table.c.key, first.keys() - new))
            owners.update((row.key, row.envelope_id) for row in await tx.execute(query))
        claims, each, seen = Claims(), [], set[str]()
        for key, envelope_id in keys:
            if key in new and key not in seen:
                claim = Claim.NEW
            else:
                claim = Claim.REDELIVERED if owners.get(key) == envelope_id else Claim.DUPLICATE
            seen.add(key)
            each.append(claim)
            claims.setdefault(key, claim)
        claims.each = tuple(each)
        return claims

    async def _insert(self, tx: AsyncConnection, pairs: list[tuple[str, str]]) -> set[str]:
        """The keys that were not there. One statement with two or three parameters, however many pairs."""
        table = quoted(self._table, tx.dialect)
        rows = [(*pair, erased_key(pair[0])) for pair in pairs] if self._erasable else pairs
        if tx.dialect.name == "postgresql":
            arrays = ", ".join(f"${number}::varchar[]" for number in range(1, len(rows[0]) + 1))
            names = ("key", "envelope_id", "erased")[: len(rows[0])]
            source = f"unnest({arrays}) AS given ({', '.join(names)})"
            given, erased = "given.key, given.envelope_id", "given.erased"
            parameters: tuple[Any, ...] = tuple(list(column) for column in zip(*rows, strict=True))
        else:
            source = "json_each(?) AS given"
            given, erased = (
                "json_extract(given.value, '$[0]'), json_extract(given.value, '$[1]')",
                "json_extract(given.value, '$[2]')",
            )
            parameters = (json.dumps(rows),)
        known = "true"
        if self._erasable:
            known = f"NOT EXISTS (SELECT 1 FROM {table} AS gone WHERE gone.key = {erased})"  # noqa: S608 - our own names
        sql = (
            f"INSERT INTO {table} (key, envelope_id) SELECT {given} FROM {source} WHERE {known} "  # noqa: S608 - our own names
            "ON CONFLICT DO NOTHING RETURNING key"
        )
        return {row[0] for row in await direct.fetch(tx, sql, parameters)}

    async def prune(self, db: Database, older_than: datetime) -> int:
        """Forget keys claimed before ``older_than``; how many went. Keep them longer than any platform repeats.

        In small transactions, so that nobody waits long. Raises StoreUnavailable.
        """
        table, total = self._table, 0
        oldest = select(table.c.key).where(table.c.claimed_at < older_than).order_by(table.c.claimed_at).limit(_PAGE)
        while True:
            async with db.begin() as tx:
                gone = (await tx.execute(delete(table).where(table.c.key.in_(oldest)))).rowcount
            total += gone
            if gone < _PAGE:
                return total

    async def run(self, *, keep: timedelta = KEEP, every: float = PRUNE_SECONDS) -> None:
        """Prune now and then, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                async with self._database.read() as tx:
                    now: datetime = (await tx.execute(select(database_now()))).scalar_one()
                forgotten = await self.prune(self._database, now - keep)
                log.info("inbox_pruned", inbox=self._table.name, keys=forgotten)
            except StoreUnavailable as error:
                log.warning("inbox_not_pruned", inbox=self._table.name, reason=error.reason)
