"""Tables of a service: its metadata, and the column types that mean the same on both databases."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    MetaData,
    String,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

SCHEMAS: dict[str | None, str | None] = {}
"""Every schema there is, mapped to SQLite's only one (None). ``metadata_for`` fills it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def metadata_for(service: str) -> MetaData:
    """The tables of one service: a schema of its name on PostgreSQL. Table names are unique over all services."""
    if not service.isidentifier():
        raise ValueError(f"not a name for a schema: {service!r}")
    SCHEMAS[service] = None
    return MetaData(
        schema=service,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite; always aware and UTC here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _EPOCH + timedelta(microseconds=value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_literal_param(self, value: datetime | None, dialect: Dialect) -> str:
        if value is None:
            return "NULL"
        return str(self.process_bind_param(value, dialect)) if dialect.name == "sqlite" else f"'{value.isoformat()}'"

    def coerce_compared_value(self, _op: Any, _value: Any) -> Any:
        return self


class database_now(ColumnElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The database's own clock (milliseconds on SQLite, microseconds on PostgreSQL), not the transaction's start."""

    type = UtcDateTime()
    _traverse_internals = []  # noqa: RUF012 - nothing tells two of them apart: a statement with one is compiled once


@compiles(database_now, "postgresql")
def _now_postgresql(_element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _now_sqlite(_element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)"


class seconds_ago(ColumnElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """A time before ``database_now``."""

    type = UtcDateTime()
    _traverse_internals = [("seconds", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as SQLAlchemy declares it

    def __init__(self, seconds: float) -> None:
        self.seconds: ColumnElement[float] = bindparam("seconds", seconds, type_=Double(), unique=True)


@compiles(seconds_ago, "postgresql")
def _ago_postgresql(element: seconds_ago, compiler: SQLCompiler, **kw: Any) -> str:
    return f"clock_timestamp() - make_interval(secs => {compiler.process(element.seconds, **kw)})"


@compiles(seconds_ago, "sqlite")
def _ago_sqlite(element: seconds_ago, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.seconds, **kw)
    return f"({compiler.process(database_now(), **kw)} - CAST(ROUND({seconds} * 1000000) AS INTEGER))"


class _Many(TypeDecorator[list[Any]]):
    """Several values of one type as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = ARRAY
    cache_ok = True

    def __init__(self, item_type: TypeEngine[Any]) -> None:
        super().__init__(item_type)
        self.item_type = item_type

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(ARRAY(self.item_type))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Among(ColumnElement[bool]):
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own declaration of a construct
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], values: Collection[Any]) -> None:
        self.column = column
        self.values = bindparam("among", list(values), type_=_Many(column.type), unique=True)


def among(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """``column IN (values)`` for texts and integers, as one parameter.

    The statement's text is the same for any number of values, so that it stays prepared on the server.
    """
    return _Among(column, values)


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.values, **kw)})"


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    values = compiler.process(element.values, **kw)
    return f"{compiler.process(element.column, **kw)} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled SQL
