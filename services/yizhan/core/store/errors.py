"""The errors of the store, a closed set: callers never see a driver's error for something that can pass or be fixed."""

import sqlite3

from sqlalchemy import exc

PASSING_STATES: dict[str, str] = {
    "08": "connection lost",
    "53": "server out of resources",
    "57": "server stopped the statement",
    "58": "server input/output error",
    "40001": "serialization failure",
    "40P01": "deadlock",
    "53100": "disk full",
    "55P03": "locked",
    "57014": "statement timeout",
    "25006": "read-only",
    "25P03": "transaction idle too long",
    "25P04": "transaction too long",
    "28": "sign-in refused",
    "3D000": "no such database",
    "XX000": "server internal error",
}
"""PostgreSQL's SQLSTATE (or its class) where the same work is right again later, and what to call it."""

UNMIGRATED_STATES = frozenset({"42P01", "42703", "3F000"})
"""SQLSTATE of an unknown table, column or schema: the schema is not the one this code was written for."""

PASSING_SQLITE: dict[int, str] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "input/output error",
    sqlite3.SQLITE_CANTOPEN: "cannot open the file",
    sqlite3.SQLITE_NOTADB: "not a database file",
    sqlite3.SQLITE_CORRUPT: "file is damaged",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_INTERRUPT: "statement timeout",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_AUTH: "permission denied",
    sqlite3.SQLITE_PROTOCOL: "locked",
}
"""SQLite's primary result codes with the same meaning."""


class StoreError(Exception):
    """Something in the store did not work; the subclasses are the whole set."""


class StoreUnavailable(StoreError):
    """The database cannot do it now: away, locked, full, too slow. Nothing was kept, unless the commit itself failed.

    Trying the whole transaction again is right. ``reason`` is a short text without any value from a row.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SchemaMismatch(StoreError):
    """The tables are not those this code was written for. ``found`` and ``wanted`` are revisions (None: not known)."""

    def __init__(self, service: str, found: str | None, wanted: str | None, advice: str) -> None:
        super().__init__(f"schema of {service}: found {found or 'none'}, wanted {wanted or 'the newest'}: {advice}")
        self.service = service
        self.found = found
        self.wanted = wanted
        self.advice = advice


class IntegrityConflict(StoreError):
    """A row breaks a constraint (a key that exists, a missing parent). ``constraint`` names it where it is known."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class ValueRefused(StoreError):
    """A value does not fit its column, whatever the state of the database (a NUL in a text, a number out of range)."""


def translated(error: BaseException) -> StoreError | None:
    """The error of this module for a driver's or SQLAlchemy's error; None where it is a mistake in our own code."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, exc.TimeoutError):
        return StoreUnavailable("no connection was free in time")
    original = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    if isinstance(original, sqlite3.Error):
        return _from_sqlite(original)
    if isinstance(original, TimeoutError):
        return StoreUnavailable("timeout")
    if isinstance(original, OSError):
        return StoreUnavailable(f"connection failed: {type(original).__name__}")
    if isinstance(original, (OverflowError, UnicodeEncodeError)):
        return ValueRefused(type(original).__name__)
    return _from_postgresql(original)


def forget_values(error: BaseException | None) -> None:
    """Take the values of rows out of a driver's error: they must not reach a log by way of a traceback.

    PostgreSQL puts the offending row into DETAIL, and asyncpg the offending value into its message.
    """
    while error is not None:
        if getattr(error, "detail", None):
            error.detail = None  # type: ignore[attr-defined]
        if (_attribute(error, "sqlstate") or "").startswith("22"):
            error.args = ("a value does not fit its column",)
        error = error.__cause__


def _from_sqlite(error: sqlite3.Error) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if reason := PASSING_SQLITE.get(code):
        return StoreUnavailable(reason)
    text = str(error)
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityConflict(text.rpartition(": ")[2])
    if text.startswith(("no such table", "no such column")):
        return SchemaMismatch(text.rpartition(": ")[2], None, None, "run: yizhan migrate")
    if code in {sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH} or isinstance(error, sqlite3.DataError):
        return ValueRefused(type(error).__name__)
    return None


def _from_postgresql(error: BaseException) -> StoreError | None:
    state = _attribute(error, "sqlstate") or ""
    if state.startswith("23"):
        return IntegrityConflict(_attribute(error, "constraint_name") or state)
    if state in UNMIGRATED_STATES:
        name = _attribute(error, "table_name") or _attribute(error, "schema_name") or "the database"
        return SchemaMismatch(name, None, None, "run: yizhan migrate")
    if reason := PASSING_STATES.get(state) or PASSING_STATES.get(state[:2]):
        return StoreUnavailable(reason)
    if state.startswith("22"):  # also where asyncpg refuses before it sends
        return ValueRefused(state)
    return None


def _attribute(error: BaseException, name: str) -> str | None:
    """The attribute of the driver's error, which may lie below wrappers."""
    seen: BaseException | None = error
    while seen is not None:
        value = getattr(seen, name, None)
        if isinstance(value, str):
            return value
        seen = seen.__cause__
    return None
