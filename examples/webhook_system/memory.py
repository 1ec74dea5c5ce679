"""What must survive a crash: which posts were seen, what is to be asked, which conversations our agents have."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Request = tuple[str, Json]
"""A key of our own, under which it is done once however often it is sent, and what is asked."""

TABLES = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (conversation TEXT PRIMARY KEY, agent TEXT NOT NULL, epoch INTEGER NOT NULL);
"""


class Memory:
    """One SQLite file. That a post was seen and what it leads to are written in one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(TABLES)

    def was_seen(self, id: str) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE id = ?", (id,)).fetchone() is not None

    def deal(self, id: str, held: dict[str, tuple[str, int]], requests: Sequence[Request]) -> None:
        """A post is dealt with: this is what our agents have now, and these requests follow."""
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (id,))
            self._db.execute("DELETE FROM held")
            self._db.executemany("INSERT INTO held VALUES (?, ?, ?)", [(of, *given) for of, given in held.items()])
            rows = [(key, json.dumps(body)) for key, body in requests]
            self._db.executemany("INSERT OR IGNORE INTO outbox (key, body) VALUES (?, ?)", rows)

    def held(self) -> dict[str, tuple[str, int]]:
        """Agent and epoch of each conversation."""
        rows = self._db.execute("SELECT conversation, agent, epoch FROM held").fetchall()
        return {of: (agent, epoch) for of, agent, epoch in rows}

    def next_request(self) -> Request | None:
        """The oldest one without an answer."""
        row = self._db.execute("SELECT key, body FROM outbox ORDER BY number LIMIT 1").fetchone()
        return None if row is None else (row[0], json.loads(row[1]))

    def answered(self, key: str) -> None:
        self._db.execute("DELETE FROM outbox WHERE key = ?", (key,))

    def close(self) -> None:
        self._db.close()
