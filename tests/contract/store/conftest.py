"""One suite for both databases: every test that asks for ``db`` runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.store import shop
from yizhan.core.store import migrate
from yizhan.core.store.database import Database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/yizhan.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def empty_db(store_url: str) -> AsyncIterator[Database]:
    async with Database(store_url) as database:
        yield database


@pytest.fixture
async def db(empty_db: Database) -> Database:
    """A database with the tables of the test's shop."""
    await migrate.upgrade(empty_db, shop.SHOP)
    return empty_db
