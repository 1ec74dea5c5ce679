"""A driver's error is one of ours, once and for all."""

import asyncio
import sqlite3
import traceback

import asyncpg
import pytest
from sqlalchemy import exc

from yizhan.core.store.errors import IntegrityConflict, SchemaMismatch, StoreUnavailable, ValueRefused, translated


def sqlite(code: int, text: str, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind(text)
    error.sqlite_errorcode = code
    return error


def wrapped(original: BaseException) -> exc.DBAPIError:
    """As SQLAlchemy gives it: its own error around the adapter's around asyncpg's."""
    adapter = Exception("adapter")
    adapter.__cause__ = original
    for name in ("sqlstate",):
        setattr(adapter, name, getattr(original, name, None))
    return exc.DBAPIError("SELECT", {}, adapter)


A = asyncpg.exceptions


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (sqlite(sqlite3.SQLITE_BUSY, "database is locked"), StoreUnavailable, "locked"),
        (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"), StoreUnavailable, "locked"),
        (sqlite(sqlite3.SQLITE_FULL, "database or disk is full"), StoreUnavailable, "disk full"),
        (sqlite(sqlite3.SQLITE_READONLY_DBMOVED, "readonly"), StoreUnavailable, "read-only"),
        (sqlite(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"), StoreUnavailable, "input/output error"),
        (sqlite(sqlite3.SQLITE_CANTOPEN, "unable to open"), StoreUnavailable, "cannot open the file"),
        (sqlite(sqlite3.SQLITE_CORRUPT, "malformed", sqlite3.DatabaseError), StoreUnavailable, "file is damaged"),
        (sqlite(sqlite3.SQLITE_NOTADB, "not a db", sqlite3.DatabaseError), StoreUnavailable, "not a database file"),
        (
            sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.key", sqlite3.IntegrityError),
            IntegrityConflict,
            "t.key",
        ),
        (sqlite(sqlite3.SQLITE_ERROR, "no such table: shop_orders"), SchemaMismatch, "yizhan migrate"),
        (sqlite(sqlite3.SQLITE_ERROR, "no such column: x"), SchemaMismatch, "yizhan migrate"),
        (sqlite(sqlite3.SQLITE_TOOBIG, "too big", sqlite3.DataError), ValueRefused, "DataError"),
        (sqlite(sqlite3.SQLITE_ERROR, 'near "SELEKT": syntax error'), None, ""),
        (A.AdminShutdownError("bye"), StoreUnavailable, "server stopped the statement"),
        (A.CannotConnectNowError("starting"), StoreUnavailable, "server stopped the statement"),
        (A.ConnectionDoesNotExistError("gone"), StoreUnavailable, "connection lost"),
        (A.TooManyConnectionsError("full"), StoreUnavailable, "server out of resources"),
        (A.DiskFullError("full"), StoreUnavailable, "disk full"),
        (A.QueryCanceledError("slow"), StoreUnavailable, "statement timeout"),
        (A.LockNotAvailableError("locked"), StoreUnavailable, "locked"),
        (A.DeadlockDetectedError("both"), StoreUnavailable, "deadlock"),
        (A.SerializationError("again"), StoreUnavailable, "serialization failure"),
        (A.ReadOnlySQLTransactionError("standby"), StoreUnavailable, "read-only"),
        (A.InvalidPasswordError("no"), StoreUnavailable, "sign-in refused"),
        (A.InvalidCatalogNameError("no"), StoreUnavailable, "no such database"),
        (A.UniqueViolationError("dup"), IntegrityConflict, "23505"),
        (A.UndefinedTableError("no"), SchemaMismatch, "yizhan migrate"),
        (A.UndefinedColumnError("no"), SchemaMismatch, "yizhan migrate"),
        (A.CharacterNotInRepertoireError("nul"), ValueRefused, "22021"),
        (A.PostgresSyntaxError("SELEKT"), None, ""),
        (ConnectionRefusedError(), StoreUnavailable, "connection failed: ConnectionRefusedError"),
        (TimeoutError(), StoreUnavailable, "timeout"),
        (exc.TimeoutError("pool"), StoreUnavailable, "no connection was free"),
        (OverflowError("int too large"), ValueRefused, "OverflowError"),
        (StoreUnavailable("already"), StoreUnavailable, "already"),
        (ZeroDivisionError(), None, ""),
        (asyncio.CancelledError(), None, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_translation(error: BaseException, kind: type[Exception] | None, text: str) -> None:
    for given in (error, wrapped(error) if isinstance(error, A.PostgresError) else error):
        found = translated(given)
        if kind is None:
            assert found is None
        else:
            assert type(found) is kind
            assert text in str(found)


def test_a_mismatch_says_what_was_found_and_what_to_do() -> None:
    error = SchemaMismatch("dialogue", None, "0003", "run: yizhan migrate")
    assert str(error) == "schema of dialogue: found none, wanted 0003: run: yizhan migrate"
    assert "SchemaMismatch" in traceback.format_exception_only(error)[0]
