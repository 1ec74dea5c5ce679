"""SQLAlchemy's engines as this product uses them: sizes, time limits, and every driver's error made one of ours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, NullPool, event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from yizhan.core.store.errors import StoreUnavailable, forget_values, translated
from yizhan.core.store.sqlite_driver import BEGIN, connect
from yizhan.core.store.tables import SCHEMAS


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Sizes and time limits (seconds). ``pool`` and ``overflow`` are for PostgreSQL, ``readers`` for SQLite."""

    pool: int = 8
    overflow: int = 4
    readers: int = 4
    wait: float = 10.0
    """For a free connection."""
    connect: float = 5.0
    statement: float = 15.0
    """On PostgreSQL, where the server ends a statement that takes longer."""
    lock: float = 5.0
    """For a row, table or (SQLite) file that another transaction has."""
    idle_in_transaction: float = 60.0
    change: float = 60.0
    """For another migrator to finish, or for transactions that hold a table that is to change."""
    name: str = "yizhan"
    """What the server's list of connections calls this process."""


def postgresql_engine(url: URL, options: DatabaseOptions) -> AsyncEngine:
    return _postgresql(
        url,
        options,
        pool_size=options.pool,
        max_overflow=options.overflow,
        pool_timeout=options.wait,
        pool_recycle=1800,
        pool_use_lifo=True,
        limits={
            "statement_timeout": _milliseconds(options.statement),
            "lock_timeout": _milliseconds(options.lock),
            "idle_in_transaction_session_timeout": _milliseconds(options.idle_in_transaction),
        },
        # The server ends a slow statement; this ends the wait for a server that does not answer at all.
        command_timeout=options.statement + 5.0,
    )


def postgresql_schema_engine(url: URL, options: DatabaseOptions) -> AsyncEngine:
    """For migrations: building an index may take an hour, waiting for a lock may not."""
    limits = {"statement_timeout": "0", "lock_timeout": _milliseconds(options.change)}
    return _postgresql(url, options, poolclass=NullPool, limits=limits, command_timeout=None)


def sqlite_engine(path: Path, options: DatabaseOptions, *, writing: bool) -> AsyncEngine:
    """The one writing connection, whose transactions start with the write lock in hand, or the reading ones."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=1 if writing else options.readers,
        max_overflow=0,
        pool_timeout=options.wait,
        hide_parameters=True,
        connect_args={"async_creator_fn": lambda *_, **__: connect(path, options.lock, inline=writing)},
        # SQLite has no schemas: tables of all services lie in one namespace.
        execution_options={"schema_translate_map": SCHEMAS},
        # Set when a connection is made; as an option of the engine it would be set and reset for every reading.
        **({} if writing else {"isolation_level": "AUTOCOMMIT"}),
    )
    _map_errors(engine)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for setting in (*_SQLITE_SETTINGS, *(() if writing else ("query_only=ON",))):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    if not writing:
        return engine

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(BEGIN)

    return engine


_SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit that returned survives the machine
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-8000",
    "journal_size_limit=67108864",
)


def _postgresql(
    url: URL, options: DatabaseOptions, *, limits: dict[str, str], command_timeout: float | None, **pool: Any
) -> AsyncEngine:
    settings = {"application_name": options.name, "timezone": "UTC", "jit": "off", "tcp_keepalives_idle": "60"}
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={
            "timeout": options.connect,
            "command_timeout": command_timeout,
            "server_settings": settings | limits,
        },
        **pool,
    )
    _map_errors(engine)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _map_errors(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "handle_error", retval=True)
    def _on_error(context: ExceptionContext) -> BaseException | None:
        original = context.original_exception
        forget_values(original)
        if not isinstance(original, Exception):
            return None  # cancelled: SQLAlchemy closes the connection, whose state is not known
        mapped = translated(original)
        if isinstance(original, OSError) or _was_demoted(mapped) or (mapped is None and _is_closed(context.connection)):
            context.is_disconnect = True
        if mapped is None and context.is_disconnect:
            return StoreUnavailable("connection lost")
        return mapped


def _was_demoted(error: object) -> bool:
    """A server that takes no writes any more is a standby now: connections to it are of no use."""
    return isinstance(error, StoreUnavailable) and error.reason == "read-only"


def _is_closed(connection: Any) -> bool:
    if connection is None or connection.invalidated or connection.closed:
        return False
    driver = connection.connection.driver_connection
    return bool(driver is not None and hasattr(driver, "is_closed") and driver.is_closed())


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Costs no round trip: asyncpg knows when the server closed the socket. The pool then opens another one."""
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
