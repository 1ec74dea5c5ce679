"""The database of a process: PostgreSQL in production, one SQLite file when embedded.

A dead connection is noticed without asking the server: a pooled connection whose socket was closed (a restart of
PostgreSQL) is replaced when it is taken, and one that turns out dead in use empties the pool and raises
``StoreUnavailable``; the caller does its transaction again. A ping at each checkout would cost every transaction a round
trip to save a retry that callers need anyway.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import structlog
from sqlalchemy import URL, exc, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from yizhan.core.store.engines import DatabaseOptions, postgresql_engine, postgresql_schema_engine, sqlite_engine
from yizhan.core.store.errors import IntegrityConflict, StoreError, StoreUnavailable, translated
from yizhan.core.store.sqlite_driver import OneHopConnection, Statement

log = structlog.get_logger(__name__)

__all__ = ["FILE_NAME", "Database", "DatabaseOptions", "Dialect", "Transaction", "database_url"]

Dialect = Literal["postgresql", "sqlite"]
T = TypeVar("T")

Transaction = AsyncConnection
"""What ``begin`` and ``read`` give; services that pass it on need not know SQLAlchemy."""

FILE_NAME = "yizhan.db"

GIVE_BACK_SECONDS = 2.0
"""How long closing waits for connections that are being taken or given back."""


class Database:
    """The one database of a process. ``async with Database(url, home=...) as db``, or ``start`` and ``close``."""

    def __init__(self, url: str = "", *, home: Path | None = None, options: DatabaseOptions | None = None) -> None:
        """Raises ValueError for an address that is none."""
        self.options = options or DatabaseOptions()
        self._url = database_url(url, home)
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        self.started_at = datetime.now(UTC)
        """When ``start`` was called, by this machine's clock."""
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._write_lock = asyncio.Lock()
        self._writing_task: asyncio.Task[Any] | None = None
        self._on_the_way: set[asyncio.Future[Any]] = set()

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
        self.started_at = datetime.now(UTC)
        if self.path is not None:
            _make_private(self.path)
            self._writer = sqlite_engine(self.path, self.options, writing=True)
            self._reader = sqlite_engine(self.path, self.options, writing=False)
        else:
            self._writer = postgresql_engine(self._url, self.options)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await self.ping()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every connection; one that another task still uses is closed when the task leaves it."""
        engines = [engine for engine in (self._reader, self._writer) if engine is not None]
        self._writer = self._reader = None
        await self._settled()
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

        Do nothing slow inside and never wait for another writer (on SQLite it would wait for this one). When leaving
        raises StoreUnavailable, the commit may still have happened: what is done again must know itself.
        """
        if self.dialect == "sqlite":
            async with self._alone(), self._connection(self._writer) as tx, tx.begin():
                yield tx
        else:
            async with self._connection(self._writer) as tx, tx.begin():
                yield tx

    async def write_at_once(self, statements: Sequence[Statement]) -> None:
        """SQLite only: a transaction of nothing but these statements, at a fraction of what ``begin`` costs.

        Raises StoreUnavailable and what any statement can raise; then nothing was written.
        """
        if self.dialect != "sqlite":
            raise ValueError("write_at_once is for SQLite")
        async with self._alone(), self._connection(self._writer) as tx:
            driver: OneHopConnection = (await tx.get_raw_connection()).driver_connection  # type: ignore[assignment]
            try:
                await driver.transact(statements)
            except Exception as error:
                raise translated(error) or error from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading, without a transaction: each statement sees what is committed when it starts."""
        async with self._connection(self._reader) as tx:
            yield tx

    async def forget_deleted(self) -> bool:
        """SQLite only: write the file anew, so that no byte of what was deleted is left in it; False: on PostgreSQL.

        Everybody else waits for as long as it takes to copy the file. Raises StoreUnavailable: somebody reads or writes for
        too long; deleted rows may then still be in the file, and doing it again is right.
        """
        if self.dialect != "sqlite":
            return False
        async with self._alone(), self._connection(self._writer) as tx:
            driver: Any = (await tx.get_raw_connection()).driver_connection
            try:
                await driver.execute("VACUUM")
                ((busy, *_),) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise translated(error) or error from error
        if busy:
            raise StoreUnavailable("locked")
        return True

    @asynccontextmanager
    async def changing_schema(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for migrations, without a limit on a statement's time.

        On SQLite foreign keys are checked at its end instead of at each statement: SQLite changes a table by making a
        new one and dropping the old, which would otherwise delete what refers to it.
        """
        if self.dialect == "sqlite":
            async with self._alone(), self._connection(self._writer) as tx, _foreign_keys_at_end(tx):
                yield tx
            return
        engine = postgresql_schema_engine(self._url, self.options)
        try:
            async with self._connection(engine) as tx, tx.begin():
                yield tx
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine | None) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool. Errors in its use are translated by the engine, those of getting it here."""
        if engine is None:
            raise StoreUnavailable("closed")
        try:
            connection = await self._taken(engine)
        except (exc.SQLAlchemyError, OSError, StoreError, sqlite3.Error) as error:
            raise translated(error) or error from error
        try:
            yield connection
        finally:
            await asyncio.shield(self._watched(self._left(engine, connection)))

    async def _taken(self, engine: AsyncEngine) -> AsyncConnection:
        """A connection of the pool, opened. Who is cancelled while it is being taken leaves none behind: the library would."""
        taking = self._watched(_opened(engine))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(partial(self._give_back, engine))
            raise

    def _give_back(self, engine: AsyncEngine, taking: "asyncio.Future[AsyncConnection]") -> None:
        if not taking.cancelled() and taking.exception() is None:
            _ = self._watched(self._left(engine, taking.result()))  # kept, and waited for, until it has arrived

    async def _left(self, engine: AsyncEngine, connection: AsyncConnection) -> None:
        """Back to the pool. One that was disposed of meanwhile would close nothing that comes back to it."""
        if engine not in (self._writer, self._reader):
            await connection.invalidate()
        await connection.close()

    async def _settled(self) -> None:
        """What is on its way when the pools are disposed of would come back to nobody."""
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                while self._on_the_way:
                    await asyncio.wait(set(self._on_the_way))
        except TimeoutError:
            log.warning("database_closed_early", connections=len(self._on_the_way))

    def _watched(self, work: Coroutine[Any, Any, T]) -> "asyncio.Future[T]":
        """Goes on when who waits for it is cancelled; ``close`` waits for it."""
        future = asyncio.ensure_future(work)
        self._on_the_way.add(future)
        future.add_done_callback(self._arrived)
        return future

    def _arrived(self, future: "asyncio.Future[Any]") -> None:
        self._on_the_way.discard(future)
        if not future.cancelled():
            future.exception()  # told to whoever waits; nobody waits when they were cancelled

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """SQLite's turn to write."""
        task = asyncio.current_task()
        if self._writing_task is task:
            raise RuntimeError("a second transaction inside a transaction of the same task would wait for itself")
        try:
            async with asyncio.timeout(self.options.wait):
                await self._write_lock.acquire()
        except TimeoutError as error:
            raise StoreUnavailable("locked") from error
        self._writing_task = task
        try:
            yield
        finally:
            self._writing_task = None
            self._write_lock.release()


async def _opened(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


@asynccontextmanager
async def _foreign_keys_at_end(tx: AsyncConnection) -> AsyncIterator[None]:
    driver: Any = (await tx.get_raw_connection()).driver_connection
    await driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    try:
        async with tx.begin():
            yield
            broken = (await tx.exec_driver_sql("PRAGMA foreign_key_check")).first()
            if broken is not None:
                raise IntegrityConflict(f"foreign key of {broken[0]}")
    finally:
        with suppress(ValueError):  # the connection was closed: the next one sets itself up
            await driver.execute("PRAGMA foreign_keys=ON")


def database_url(url: str, home: Path | None) -> URL:
    """The SQLAlchemy address for a setting: empty or ``sqlite`` is the file in ``home``. Raises ValueError."""
    if url in {"", "sqlite", "sqlite://"}:
        if home is None:
            raise ValueError("an SQLite database needs a home folder")
        return URL.create("sqlite+aiosqlite", database=str((home / FILE_NAME).absolute()))
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise ValueError("the database address is not a URL") from None
    scheme = parsed.drivername.partition("+")[0]
    if scheme == "sqlite" and parsed.database and parsed.database != ":memory:":
        return URL.create("sqlite+aiosqlite", database=str(Path(parsed.database).absolute()))
    if scheme in {"postgresql", "postgres"} and parsed.database:
        return parsed.set(drivername="postgresql+asyncpg")
    raise ValueError("the database address must be postgresql://user@host/name, sqlite:///file or empty")


def _make_private(path: Path) -> None:
    """The file holds what customers wrote: only this account reads it."""
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"cannot open the file: {error.strerror}") from error
