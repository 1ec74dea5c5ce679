"""What must survive a crash: how far the stream was dealt with, what was asked and not answered yet, what was read."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from yizhan.pb.v1 import routing_pb2 as pb

TABLES = """
CREATE TABLE IF NOT EXISTS place (only INTEGER PRIMARY KEY CHECK (only = 1), cursor INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS read_up_to (conversation TEXT PRIMARY KEY, seq INTEGER NOT NULL);
"""


class Memory:
    """One SQLite file. What an event leads to and the place in the stream are written in one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(TABLES)

    def cursor(self) -> int | None:
        """The last event that was dealt with; None: none ever was."""
        row = self._db.execute("SELECT cursor FROM place").fetchone()
        return None if row is None else int(row[0])

    def deal(self, cursor: int, requests: Sequence[pb.AttendRequest] = ()) -> None:
        """An event is dealt with: these requests follow from it."""
        with self._transaction():
            self._put(requests)
            self._db.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (cursor,))

    def read(self, conversation: str, seq: int, requests: Sequence[pb.AttendRequest] = ()) -> None:
        """Messages of a conversation are dealt with up to this one."""
        with self._transaction():
            self._put(requests)
            self._db.execute("INSERT OR REPLACE INTO read_up_to VALUES (?, ?)", (conversation, seq))

    def read_up_to(self, conversation: str) -> int:
        row = self._db.execute("SELECT seq FROM read_up_to WHERE conversation = ?", (conversation,)).fetchone()
        return 0 if row is None else int(row[0])

    def unanswered(self) -> list[pb.AttendRequest]:
        """Requests without a final result, in the order in which they were made."""
        rows = self._db.execute("SELECT body FROM outbox ORDER BY number").fetchall()
        return [pb.AttendRequest.FromString(row[0]) for row in rows]

    def answered(self, request_id: str) -> None:
        self._db.execute("DELETE FROM outbox WHERE id = ?", (request_id,))

    def forget_place(self) -> None:
        """The server does not know this cursor any more: begin with what is open now."""
        self._db.execute("DELETE FROM place")

    def close(self) -> None:
        self._db.close()

    def _put(self, requests: Sequence[pb.AttendRequest]) -> None:
        rows = [(request.id, request.SerializeToString()) for request in requests]
        self._db.executemany("INSERT OR IGNORE INTO outbox (id, body) VALUES (?, ?)", rows)

    def _transaction(self) -> sqlite3.Connection:
        """Commits on leaving, or rolls back."""
        self._db.execute("BEGIN IMMEDIATE")
        return self._db
