"""Many rows into one table with one statement, past SQLAlchemy's per-row work: two to three times its rate.

PostgreSQL gets one array per column (``unnest``), so that the statement's text is the same for any number of rows and
stays prepared; SQLite gets ``executemany``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Dialect, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

_LAST_ID = text("SELECT last_insert_rowid()")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statement for one dialect, and what a value of each column goes through first."""

    sql: str
    sql_with_ids: str
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


def quoted(table: Table, dialect: Dialect) -> str:
    """The table's name in SQL: with its schema on PostgreSQL, without on SQLite."""
    preparer = dialect.identifier_preparer
    return preparer.quote(table.name) if dialect.name == "sqlite" else preparer.format_table(table)


class BulkInsert:
    """INSERT INTO ``table`` (``columns``); columns that are left out get their server default.

    Rows are tuples in the order of ``columns``. With ``ignore_conflicts`` rows whose key exists are left out silently.
    """

    def __init__(self, table: Table, columns: Sequence[str], *, ignore_conflicts: bool = False) -> None:
        self._table = table
        self._columns = [table.c[name] for name in columns]
        if any(isinstance(column.type, ARRAY) for column in self._columns):
            raise ValueError("a column of arrays cannot be inserted in bulk")
        self._conflicts = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
        self._prepared: dict[str, _Prepared] = {}

    async def insert(self, tx: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert in this order. Raises IntegrityConflict, ValueRefused and what any statement can raise."""
        if rows:
            prepared = self._for(tx.dialect)
            await tx.exec_driver_sql(prepared.sql, self._parameters(tx.dialect, prepared, rows))

    async def insert_ids(self, tx: AsyncConnection, rows: Sequence[Sequence[Any]]) -> tuple[int, ...]:
        """Insert into a table whose key is one integer made by the database; the new ids, ascending with the rows."""
        if not rows:
            return ()
        prepared = self._for(tx.dialect)
        parameters = self._parameters(tx.dialect, prepared, rows)
        if tx.dialect.name == "sqlite":
            # The only writer inserts one after the other, so the ids end with the last one and have no gap.
            await tx.exec_driver_sql(prepared.sql, parameters)
            last: int = (await tx.execute(_LAST_ID)).scalar_one()
            return tuple(range(last - len(rows) + 1, last + 1))
        return tuple(sorted((await tx.exec_driver_sql(prepared.sql_with_ids, parameters)).scalars()))

    def _parameters(self, dialect: Dialect, prepared: _Prepared, rows: Sequence[Sequence[Any]]) -> Any:
        if prepared.converters:
            changed = [list(row) for row in rows]
            for row in changed:
                for position, convert in prepared.converters:
                    row[position] = convert(row[position])
            rows = changed
        if dialect.name == "sqlite":
            return [tuple(row) for row in rows]
        return tuple(list(values) for values in zip(*rows, strict=True))

    def _for(self, dialect: Dialect) -> _Prepared:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = self._prepare(dialect)
        return prepared

    def _prepare(self, dialect: Dialect) -> _Prepared:
        quote = dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in self._columns)
        into = f"INSERT INTO {quoted(self._table, dialect)} ({names}) "
        if dialect.name == "sqlite":
            sql = f"{into}VALUES ({', '.join('?' for _ in self._columns)}){self._conflicts}"
            ids = sql
        else:
            arrays = ", ".join(
                f"${number}::{column.type.compile(dialect=dialect)}[]" for number, column in enumerate(self._columns, 1)
            )
            given = f"unnest({arrays}) WITH ORDINALITY AS given({names}, nth)"
            rows = f"SELECT {names} FROM {given} ORDER BY nth"  # noqa: S608 - names and types of our own table
            sql = f"{into}{rows}{self._conflicts}"
            ids = f"{sql} RETURNING {', '.join(quote(column.name) for column in self._table.primary_key)}"
        converters = []
        for position, column in enumerate(self._columns):
            convert = column.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                converters.append((position, convert))
        return _Prepared(sql, ids, tuple(converters))
