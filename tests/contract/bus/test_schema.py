"""The embedded bus's table and its revisions say the same; without them the bus says what to do."""

from pathlib import Path

import pytest

from yizhan.core.bus.open import open_bus
from yizhan.core.store import migrate
from yizhan.core.store.bus_tables import metadata
from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift
from yizhan.core.store.errors import SchemaMismatch


async def test_the_table_is_what_the_revisions_make(tmp_path: Path) -> None:
    async with Database("", home=tmp_path) as database:
        await migrate.upgrade(database, "bus")
        assert await drift(database, "bus", metadata) == []


@pytest.mark.real
async def test_the_revisions_run_on_postgresql_too(postgres_url: str) -> None:
    """``yizhan migrate`` runs all of them, whichever bus is used."""
    async with Database(postgres_url) as database:
        await migrate.upgrade(database, "bus")
        assert await drift(database, "bus", metadata) == []


async def test_a_file_that_was_not_migrated_is_refused_with_advice(tmp_path: Path) -> None:
    async with Database("", home=tmp_path) as database:
        with pytest.raises(SchemaMismatch, match="yizhan migrate"):
            async with open_bus("embedded://", database=database, partitions=1, producer="test"):
                pass


async def test_the_embedded_bus_needs_sqlite() -> None:
    with pytest.raises(ValueError, match="SQLite"):
        async with open_bus("embedded://", database=None, partitions=1, producer="test"):
            pass
    with pytest.raises(ValueError, match="SQLite"):
        database = Database("postgresql://nobody@127.0.0.1:1/none")
        async with open_bus("embedded://", database=database, partitions=1, producer="test"):
            pass
