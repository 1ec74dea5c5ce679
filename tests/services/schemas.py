"""Databases with every service's tables: made once in a run, and copied for each test."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.services.postgres import PostgresServer
from yizhan.core.store import migrate
from yizhan.core.store.database import FILE_NAME, Database


def sqlite_file(folder: Path) -> Path:
    """The database file of the embedded default in that home folder."""
    file = folder / FILE_NAME
    file.write_bytes(_migrated_sqlite())
    return file


def postgres_database(server: PostgresServer) -> str:
    """The address of a new database; whoever asks for it drops it."""
    return server.new_database(server.template("all-services", _migrate))


@cache
def _migrated_sqlite() -> bytes:
    with tempfile.TemporaryDirectory(prefix="yizhan-schemas-") as folder:
        file = Path(folder, FILE_NAME)
        _migrate(f"sqlite:///{file}")
        left = sorted(path.name for path in Path(folder).iterdir())
        if left != [FILE_NAME]:
            raise AssertionError(f"closed, a database is one file: {left}")
        return file.read_bytes()


def _migrate(url: str) -> None:
    async def run() -> None:
        async with Database(url) as database:
            await migrate.upgrade_all(database)

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, run()).result()
