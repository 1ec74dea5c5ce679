"""The database of a process: PostgreSQL in production, one SQLite file when embedded.

A dead connection is noticed without asking the server: a pooled connection whose socket was closed (a restart of
PostgreSQL) is replaced when it is taken, and one that turns out dead in use empties the pool and raises
``StoreUnavailable``; the caller does its transaction again. A ping at each checkout would cost every transaction a round
trip to save a retry that callers need anyway.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from sqlalchemy import URL, event, exc, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from yizhan.core.store.errors import IntegrityConflict, StoreError, StoreUnavailable, translated
from yizhan.core.store.sqlite_driver import connect
from yizhan.core.store.tables import SCHEMAS

Dialect = Literal["postgresql", "sqlite"]

Transaction = AsyncConnection
"""What ``begin`` and ``read`` give; services that pass it on need not know SQLAlchemy."""

FILE_NAME = "yizhan.db"


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Sizes and time limits (seconds). ``pool`` and ``overflow`` are for PostgreSQL, ``readers`` for SQLite."""

    pool: int = 8
    overflow: int = 4
    readers: int = 4
    wait: float = 10.0
    connect: float = 5.0
    statement: float = 15.0
    lock: float = 5.0
    idle_in_transaction: float = 60.0
    name: str = "yizhan"


class Database:
    """The one database of a process. ``async with Database(url, home=...) as db``, or ``start`` and ``close``."""

    def __init__(self, url: str = "", *, home: Path | None = None, options: DatabaseOptions | None = None) -> None:
        self.options = options or DatabaseOptions()
        self._url = database_url(url, home)
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._write_lock = asyncio.Lock()
        self._writing_task: asyncio.Task[Any] | None = None

    @property
    def label(self) -> str:
        """The address without its password, for logs and people."""
        return self._url.render_as_string(hide_password=True)

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self._url.database) if self.dialect == "sqlite" and self._url.database else None

    async def start(self) -> None:
        """Open the pools and ask the database once. Raises StoreUnavailable."""
        if self._writer is not None:
            return
        if self.dialect == "sqlite":
            self._open_sqlite()
        else:
            self._open_postgresql()
        try:
            await self.ping()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every connection. A transaction that is open in another task fails."""
        engines = {engine for engine in (self._writer, self._reader) if engine is not None}
        self._writer = self._reader = None
        for engine in engines:
            await engine.dispose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def ping(self) -> None:
        """One statement, for readiness. Raises StoreUnavailable."""
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: commit on leave, rollback on an error. On SQLite writers wait for each other here.

        Do nothing slow inside and never wait for another writer (on SQLite it would wait for this one).
        """
        if self.dialect == "sqlite":
            async with self._alone(), self._connection(self._writer) as tx, tx.begin():
                yield tx
        else:
            async with self._connection(self._writer) as tx, tx.begin():
                yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading, without a transaction: each statement sees what is committed when it starts."""
        async with self._connection(self._reader) as tx:
            yield tx

    @asynccontextmanager
    async def changing_schema(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for migrations. On SQLite foreign keys are checked at its end instead of at each statement.

        (SQLite changes a table by making a new one and dropping the old, which would delete what refers to it.)
        """
        if self.dialect == "postgresql":
            async with self.begin() as tx:
                yield tx
            return
        async with self._alone(), self._connection(self._writer) as tx:
            driver: Any = (await tx.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA foreign_keys=OFF")
            try:
                async with tx.begin():
                    yield tx
                    broken = (await tx.exec_driver_sql("PRAGMA foreign_key_check")).first()
                    if broken is not None:
                        raise IntegrityConflict(f"foreign key of {broken[0]}")
            finally:
                await driver.execute("PRAGMA foreign_keys=ON")

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if self._writing_task is task:
            raise RuntimeError("a second transaction inside a transaction of the same task would wait for itself")
        try:
            async with asyncio.timeout(self.options.wait + self.options.statement):
                await self._write_lock.acquire()
        except TimeoutError as error:
            raise StoreUnavailable("locked") from error
        self._writing_task = task
        try:
            yield
        finally:
            self._writing_task = None
            self._write_lock.release()

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine | None) -> AsyncIterator[AsyncConnection]:
        if engine is None:
            raise StoreUnavailable("closed")
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except (exc.SQLAlchemyError, OSError, StoreError) as error:
                raise _mapped(error) from error
            yield connection

    def _open_postgresql(self) -> None:
        options = self.options
        engine = create_async_engine(
            self._url,
            pool_size=options.pool,
            max_overflow=options.overflow,
            pool_timeout=options.wait,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={
                "timeout": options.connect,
                "command_timeout": options.statement + 5.0,
                "server_settings": {
                    "application_name": options.name,
                    "timezone": "UTC",
                    "jit": "off",
                    "statement_timeout": _milliseconds(options.statement),
                    "lock_timeout": _milliseconds(options.lock),
                    "idle_in_transaction_session_timeout": _milliseconds(options.idle_in_transaction),
                },
            },
        )
        _map_errors(engine)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        self._writer = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    def _open_sqlite(self) -> None:
        path = self.path
        if path is None:
            raise ValueError("an SQLite database needs a file")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"cannot open the file: {error.strerror}") from error
        self._writer = self._sqlite_engine(path, connections=1, writing=True)
        self._reader = self._sqlite_engine(path, connections=self.options.readers, writing=False)

    def _sqlite_engine(self, path: Path, *, connections: int, writing: bool) -> AsyncEngine:
        options = self.options
        engine = create_async_engine(
            self._url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=options.wait,
            hide_parameters=True,
            connect_args={"async_creator_fn": lambda *_, **__: connect(path, options.lock)},
            # SQLite has no schemas: tables of all services lie in one namespace.
            execution_options={"schema_translate_map": SCHEMAS},
        )
        _map_errors(engine)

        @event.listens_for(engine.sync_engine, "connect")
        def _set_up(connection: Any, _record: object) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.execute("PRAGMA cache_size=-16000")
            if not writing:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        if not writing:
            return engine.execution_options(isolation_level="AUTOCOMMIT")

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine


def database_url(url: str, home: Path | None) -> URL:
    """The SQLAlchemy address for a setting: empty or ``sqlite`` is the file in ``home``. Raises ValueError."""
    if url in {"", "sqlite", "sqlite://"}:
        if home is None:
            raise ValueError("an SQLite database needs a home folder")
        return URL.create("sqlite+aiosqlite", database=str((home / FILE_NAME).absolute()))
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise ValueError("the database address is not a URL") from None
    scheme = parsed.drivername.partition("+")[0]
    if scheme == "sqlite" and parsed.database and parsed.database != ":memory:":
        return URL.create("sqlite+aiosqlite", database=str(Path(parsed.database).absolute()))
    if scheme in {"postgresql", "postgres"} and parsed.database:
        return parsed.set(drivername="postgresql+asyncpg")
    raise ValueError("the database address must be postgresql://user@host/name, sqlite:///file or empty")


def _map_errors(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "handle_error", retval=True)
    def _on_error(context: ExceptionContext) -> BaseException | None:
        original = context.original_exception
        _forget_values(original)
        connection = context.connection
        if isinstance(original, (OSError, TimeoutError)):
            context.is_disconnect = True  # the state of the connection is not known any more
        mapped = translated(original)
        if mapped is None and isinstance(original, Exception) and (context.is_disconnect or _is_closed(connection)):
            context.is_disconnect = True
            return StoreUnavailable("connection lost")
        return mapped


def _forget_values(error: BaseException | None) -> None:
    """PostgreSQL puts the offending row's values into DETAIL; they must not reach a log by way of a traceback."""
    while error is not None:
        if getattr(error, "detail", None):
            error.detail = None  # type: ignore[attr-defined]
        error = error.__cause__


def _is_closed(connection: Any) -> bool:
    if connection is None or connection.invalidated or connection.closed:
        return False
    driver = connection.connection.driver_connection
    return bool(driver is not None and hasattr(driver, "is_closed") and driver.is_closed())


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Costs no round trip: asyncpg knows when the server closed the socket. The pool then opens another one."""
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError


def _mapped(error: Exception) -> Exception:
    return translated(error) or error


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
