"""SQLite's connection with one change of thread per statement, or none.

aiosqlite crosses to the connection's thread for making a cursor, executing, fetching and closing, which is most of what a
small statement costs. Here a statement is executed and fetched in one go, and what needs no thread does without.

On the writing connection (``inline``) only what may wait goes to the thread: COMMIT (the disk), and BEGIN when another
process holds the lock. The statements between them touch pages in memory and take microseconds, less than two changes of
thread; whoever writes much at once does it in portions.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import aiosqlite

BEGIN = "BEGIN IMMEDIATE"
"""With the lock for writing from the start: a transaction that began by reading could be refused it later."""

Statement = tuple[str, Sequence[Sequence[Any]]]
"""SQL, and the rows of parameters to execute it for."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a statement left behind, all of it."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: list[Any] = field(default_factory=list)


class OneHopCursor:
    """What SQLAlchemy asks of a cursor. Everything was fetched when ``execute`` returns."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._answer = _Answer()

    @property
    def description(self) -> Any:
        return self._answer.description

    @property
    def rowcount(self) -> int:
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._answer.lastrowid

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        self._answer = await self._connection.answer(sqlite3.Connection.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        self._answer = await self._connection.answer(sqlite3.Connection.executemany, sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._answer.rows

    async def close(self) -> None:
        self._answer = _Answer(self._answer.description, self._answer.rowcount, self._answer.lastrowid)


class OneHopConnection(aiosqlite.Connection):
    """A connection whose cursors are ``OneHopCursor``."""

    inline = False
    busy_milliseconds = 0
    _ended: asyncio.Future[Any] | None = None

    def cursor(self) -> Any:
        return OneHopCursor(self)

    async def answer(self, run: Callable[..., sqlite3.Cursor], sql: str, parameters: Any) -> _Answer:
        """Run one statement and fetch all there is."""

        def work() -> _Answer:
            cursor = run(self._conn, sql, parameters)
            rows = cursor.fetchall() if cursor.description else []
            answer = _Answer(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
            cursor.close()
            return answer

        if self.inline and sql == BEGIN and self._begins_now():
            return _Answer()
        if self.inline and self._conn.in_transaction:
            await asyncio.sleep(0)  # others have their turn between two statements, and a cancellation its place
            return work()
        return cast("_Answer", await self._execute(work))  # type: ignore[no-untyped-call]

    def _begins_now(self) -> bool:
        """Begin to write without waiting. False: somebody else is writing."""
        self._conn.execute("PRAGMA busy_timeout=0").close()
        try:
            self._conn.execute(BEGIN).close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={self.busy_milliseconds}").close()
        return True

    def at_once(self, run: Callable[..., sqlite3.Cursor], sql: str, parameters: Any) -> list[Any]:
        """Inside a transaction of the writing connection: run one statement here and now; its rows."""
        cursor = run(self._conn, sql, parameters)
        try:
            return cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()

    async def transact(self, statements: Sequence[Statement]) -> None:
        """One transaction of nothing but these, with a single change of thread for all of it."""

        def work() -> None:
            self._conn.execute(BEGIN)
            try:
                for sql, rows in statements:
                    self._conn.executemany(sql, rows).close()
                self._conn.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:  # a full disk may have ended it already
                    self._conn.execute("ROLLBACK")
                raise

        done = asyncio.ensure_future(self._execute(work))  # type: ignore[no-untyped-call]
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])  # nobody else may use the connection while the thread does
            raise

    async def rollback(self) -> None:
        """The pool rolls back whenever a connection comes back: without a transaction there is nothing to do."""
        if self._conn.in_transaction:
            await super().rollback()

    def stop(self) -> asyncio.Future[Any] | None:
        """Close, and end the thread. It can be told so once: what comes after is done by nobody, and waited for in vain."""
        if self._running:
            self._ended = super().stop()
        return self._ended

    async def close(self) -> None:
        """Returns when it is closed, whoever began that and whoever was cancelled while waiting for it."""
        if self._connection is None and self._ended is None:
            return  # never opened: there is no thread that could be told
        ended = self.stop()
        if ended is not None:
            await asyncio.shield(ended)

    def outlive_nobody(self) -> Self:
        """The thread shall not keep a process alive that forgot to close the connection."""
        self._thread.daemon = True
        return self


def connect(path: Path, busy_timeout: float, *, inline: bool = False) -> OneHopConnection:
    """A connection that is opened by awaiting it. No transaction starts by itself."""

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(
            path,
            timeout=busy_timeout,
            isolation_level=None,
            cached_statements=256,
            check_same_thread=not inline,  # never used by two threads at once: every call is awaited
        )

    connection = OneHopConnection(connector, iter_chunk_size=64).outlive_nobody()
    connection.inline = inline
    connection.busy_milliseconds = int(busy_timeout * 1000)
    return connection
