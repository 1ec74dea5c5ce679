"""Statements past SQLAlchemy, for the few that run for every message: the driver does them at a third of the cost.

They run on the connection and in the transaction of the caller, and raise the same errors as everything else here. The
first statement of a transaction goes through SQLAlchemy, which begins the transaction with it.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import Column, Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable, ValueRefused, forget_values, translated
from yizhan.core.store.sqlite_driver import OneHopConnection

Rows = Sequence[Sequence[Any]]


async def fetch(tx: AsyncConnection, sql: str, parameters: Sequence[Any]) -> Rows:
    """Execute one statement in the driver's own SQL; the rows that it returns."""
    driver = _driver(tx)
    if driver is None:
        result = await tx.exec_driver_sql(sql, tuple(parameters))
        return result.all() if result.returns_rows else ()
    try:
        if isinstance(driver, OneHopConnection):
            return driver.at_once(sqlite3.Connection.execute, sql, parameters)
        found: Rows = await driver.fetch(sql, *parameters)
    except BaseException as error:
        await _raise(tx, driver, error)
        raise
    return found


async def execute_many(tx: AsyncConnection, sql: str, rows: Rows) -> None:
    """SQLite only: execute a statement for each of these rows."""
    driver = _driver(tx)
    if driver is None:
        await tx.exec_driver_sql(sql, [tuple(row) for row in rows])
        return
    try:
        driver.at_once(sqlite3.Connection.executemany, sql, rows)
    except BaseException as error:
        await _raise(tx, driver, error)
        raise


def _driver(tx: AsyncConnection) -> Any:
    """The driver's connection; None while it is in no transaction, or where it may not be used directly."""
    proxied: Any = tx.sync_connection.connection if tx.sync_connection is not None else None
    driver = None if proxied is None else proxied.driver_connection
    if isinstance(driver, OneHopConnection):
        return driver if driver.inline and driver.in_transaction else None
    return driver if driver is not None and driver.is_in_transaction() else None


async def _raise(tx: AsyncConnection, driver: Any, error: BaseException) -> None:
    """Raise the store's error for a driver's; returns where it is none of those.

    A connection whose state is not known after the error is not used again.
    """
    forget_values(error)
    found = translated(error) if isinstance(error, Exception) else None
    if isinstance(driver, asyncpg.Connection):
        if isinstance(error, asyncpg.InvalidCachedStatementError):  # a table was changed; prepared anew next time
            found = StoreUnavailable("schema changed")
        elif found is None and isinstance(error, Exception) and driver.is_closed():
            found = StoreUnavailable("connection lost")
        if not isinstance(found, (IntegrityConflict, ValueRefused)):
            await tx.invalidate()
    if found is not None:
        raise found from error


@dataclass(frozen=True, slots=True)
class _Prepared:
    sql: str
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


class DirectSelect:
    """SELECT ``columns`` of one table, for rows of keys: a statement whose text is the same for any number of them.

    ``postgresql`` and ``sqlite`` are what follows FROM, with ``{table}`` for the table's name. PostgreSQL gets each
    column of the keys as an array ($1, $2, …), SQLite all of them as one JSON array of arrays. Make these objects once,
    at import.
    """

    def __init__(self, table: Table, columns: Sequence[str], *, postgresql: str, sqlite: str) -> None:
        self._table = table
        self._columns: list[Column[Any]] = [table.c[name] for name in columns]
        self._after = {"postgresql": postgresql, "sqlite": sqlite}
        self._prepared: dict[str, _Prepared] = {}

    async def fetch(self, tx: AsyncConnection, keys: Rows) -> Rows:
        """The rows, with values as the columns' types give them."""
        if not keys:
            return ()
        prepared = self._prepared.get(tx.dialect.name) or self._prepare(tx.dialect)
        parameters: Sequence[Any]
        if tx.dialect.name == "sqlite":
            parameters = (json.dumps(keys),)
        else:
            parameters = [list(column) for column in zip(*keys, strict=True)]
        found = await fetch(tx, prepared.sql, parameters)
        if not prepared.converters:
            return found
        changed = [list(row) for row in found]
        for row in changed:
            for position, convert in prepared.converters:
                row[position] = convert(row[position])
        return changed

    def _prepare(self, dialect: Dialect) -> _Prepared:
        table = quoted(self._table, dialect)
        names = ", ".join(f"{table}.{dialect.identifier_preparer.quote(column.name)}" for column in self._columns)
        sql = f"SELECT {names} FROM {self._after[dialect.name].format(table=table)}"  # noqa: S608 - our own names
        converters: list[tuple[int, Callable[[Any], Any]]] = []
        for position, column in enumerate(self._columns):
            convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if convert is not None:
                converters.append((position, convert))
        prepared = self._prepared[dialect.name] = _Prepared(sql, tuple(converters))
        return prepared


def quoted(table: Table, dialect: Dialect) -> str:
    """The table's name in SQL: with its schema on PostgreSQL, without on SQLite."""
    preparer = dialect.identifier_preparer
    return preparer.quote(table.name) if dialect.name == "sqlite" else preparer.format_table(table)
