"""Many rows of one table with one statement, past SQLAlchemy's per-row work: two to three times its rate.

PostgreSQL gets one array per column (``unnest``), so that the statement's text is the same for any number of rows and
stays prepared; SQLite gets ``executemany``. Make these objects once, at import; rows are tuples in the order of the
columns that were named.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Column, Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store import direct
from yizhan.core.store.direct import quoted


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statement for one dialect, and what a value of each column goes through first."""

    sql: str
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


class _Bulk(ABC):
    """What inserting and updating have in common: values become parameters, and the statement is made once."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table = table
        self._columns: list[Column[Any]] = [table.c[name] for name in columns]
        if any(isinstance(column.type, ARRAY) for column in self._columns):
            raise ValueError("a column of arrays cannot be written in bulk")
        self._prepared: dict[tuple[str, int], _Prepared] = {}

    def of(self, rows: Sequence[Sequence[Any]]) -> "Write":
        """These rows, to be written along with others."""
        return Write(self, rows)

    @abstractmethod
    def _sql(self, dialect: Dialect, first: int) -> str:
        """The statement; its parameters are numbered from ``first`` on PostgreSQL."""

    def statement(self, dialect: Dialect, rows: Sequence[Sequence[Any]], first: int = 1) -> tuple[str, Any]:
        """The SQL and its parameters for these rows."""
        prepared = self._prepared.get((dialect.name, first))
        if prepared is None:
            prepared = _Prepared(self._sql(dialect, first), tuple(self._converters(dialect)))
            self._prepared[dialect.name, first] = prepared
        if prepared.converters:
            changed = [list(row) for row in rows]
            for row in changed:
                for position, convert in prepared.converters:
                    row[position] = convert(row[position])
            rows = changed
        if dialect.name == "sqlite":
            return prepared.sql, [tuple(row) for row in rows]
        return prepared.sql, tuple(list(values) for values in zip(*rows, strict=True))

    def _converters(self, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
        found: list[tuple[int, Callable[[Any], Any]]] = []
        for position, column in enumerate(self._columns):
            convert = column.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                found.append((position, convert))
        return found

    def _names(self, dialect: Dialect, columns: Sequence[Column[Any]] | None = None) -> list[str]:
        quote = dialect.identifier_preparer.quote
        return [quote(column.name) for column in (self._columns if columns is None else columns)]

    def _given(self, dialect: Dialect, first: int) -> str:
        """PostgreSQL: the rows as a table ``given``, with their place as ``nth``."""
        types = [column.type.compile(dialect=dialect) for column in self._columns]
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, first))
        return f"unnest({arrays}) WITH ORDINALITY AS given({', '.join(self._names(dialect))}, nth)"


class BulkInsert(_Bulk):
    """INSERT INTO ``table`` (``columns``); columns that are left out get their server default.

    A row whose key exists is an IntegrityConflict, or is left out (``ignore_conflicts``), or changes the row that is
    there (``update_conflicts``), or is added to it, number by number (``add_conflicts``). With the last two a key may be
    given only once.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        add_conflicts: bool = False,
    ) -> None:
        super().__init__(table, columns)
        self._ignore = ignore_conflicts
        self._update = update_conflicts
        self._add = add_conflicts

    async def insert(self, tx: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert in this order. Raises IntegrityConflict, ValueRefused and what any statement can raise."""
        await write_together(tx, [self.of(rows)])

    async def insert_ids(
        self, tx: AsyncConnection, rows: Sequence[Sequence[Any]], *, along: Sequence["Write"] = ()
    ) -> tuple[int, ...]:
        """Insert into a table whose key is one integer made by the database; the new ids, ascending with the rows.

        ``along``: see ``write_together``.
        """
        if not rows:
            await write_together(tx, along)
            return ()
        if tx.dialect.name == "sqlite":
            await write_together(tx, [*along, self.of(rows)])
            # The only writer inserts one after the other, so the ids end with the last one and have no gap.
            ((last,),) = await direct.fetch(tx, "SELECT last_insert_rowid()", ())
            return tuple(range(last - len(rows) + 1, last + 1))
        (key,) = self._names(tx.dialect, list(self._table.primary_key))
        sql, parameters = _together(tx.dialect, [*(write for write in along if write.rows), self.of(rows)])
        return tuple(sorted(row[0] for row in await direct.fetch(tx, f"{sql} RETURNING {key}", parameters)))

    def _sql(self, dialect: Dialect, first: int) -> str:
        names = ", ".join(self._names(dialect))
        into = f"INSERT INTO {quoted(self._table, dialect)} ({names}) "
        if dialect.name == "sqlite":
            return f"{into}VALUES ({', '.join('?' for _ in self._columns)}){self._conflict(dialect)}"
        rows = f"SELECT {names} FROM {self._given(dialect, first)} ORDER BY nth"  # noqa: S608 - names of our own table
        return f"{into}{rows}{self._conflict(dialect)}"

    def _conflict(self, dialect: Dialect) -> str:
        if self._ignore:
            return " ON CONFLICT DO NOTHING"
        if not self._update and not self._add:
            return ""
        keys = ", ".join(self._names(dialect, list(self._table.primary_key)))
        changing = self._names(dialect, [column for column in self._columns if not column.primary_key])
        there = (
            f"{dialect.identifier_preparer.quote(self._table.name)}."  # the row that is there, by its table's bare name
        )
        sets = (f"{name} = {f'{there}{name} + ' if self._add else ''}excluded.{name}" for name in changing)
        return f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(sets)}"


class BulkUpdate(_Bulk):
    """UPDATE ``table`` SET every named column that is not part of its key, by its key; name the key's columns too."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        super().__init__(table, columns)
        keys = set(table.primary_key)
        self._keys = [column for column in self._columns if column in keys]
        self._changing = [column for column in self._columns if column not in keys]
        if len(self._keys) != len(keys) or not self._changing:
            raise ValueError("name all columns of the key and at least one other")
        # By name: comparing columns with == builds SQL.
        places = {column.name: place for place, column in enumerate(self._columns)}
        self._places = [places[column.name] for column in (*self._changing, *self._keys)]

    async def update(self, tx: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Update these rows; each key at most once. A key that is not there changes nothing."""
        await write_together(tx, [self.of(rows)])

    def statement(self, dialect: Dialect, rows: Sequence[Sequence[Any]], first: int = 1) -> tuple[str, Any]:
        sql, parameters = super().statement(dialect, rows, first)
        if dialect.name == "sqlite":  # parameters in the order in which the statement names them
            parameters = [tuple(row[place] for place in self._places) for row in parameters]
        return sql, parameters

    def _sql(self, dialect: Dialect, first: int) -> str:
        keys, changing = self._names(dialect, self._keys), self._names(dialect, self._changing)
        table = quoted(self._table, dialect)
        if dialect.name == "sqlite":
            sets = ", ".join(f"{name} = ?" for name in changing)
            return f"UPDATE {table} SET {sets} WHERE {' AND '.join(f'{name} = ?' for name in keys)}"  # noqa: S608
        sets = ", ".join(f"{name} = given.{name}" for name in changing)
        where = " AND ".join(f"changed.{name} = given.{name}" for name in keys)
        return f"UPDATE {table} AS changed SET {sets} FROM {self._given(dialect, first)} WHERE {where}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Write:
    """Rows for one of the objects above."""

    bulk: _Bulk
    rows: Sequence[Sequence[Any]]


async def write_together(tx: AsyncConnection, writes: Sequence[Write]) -> None:
    """All of these; on PostgreSQL with one statement, since each costs a round trip that every message waits for.

    No two may touch the same row: which one goes first is the database's choice. Raises what each of them can raise.
    """
    some = [write for write in writes if write.rows]
    if tx.dialect.name == "sqlite":
        for write in some:
            await direct.execute_many(tx, *write.bulk.statement(tx.dialect, write.rows))
    elif some:
        await direct.fetch(tx, *_together(tx.dialect, some))


def _together(dialect: Dialect, writes: Sequence[Write]) -> tuple[str, Sequence[Any]]:
    """PostgreSQL: one statement for all; what it returns is up to the last one."""
    parts: list[str] = []
    parameters: list[Any] = []
    for write in writes:
        sql, own = write.bulk.statement(dialect, write.rows, len(parameters) + 1)
        parts.append(sql)
        parameters += own
    if len(parts) == 1:
        return parts[0], parameters
    others = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(parts[:-1]))
    return f"WITH {others} {parts[-1]}", parameters
