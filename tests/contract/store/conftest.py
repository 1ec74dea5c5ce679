"""One suite for both databases: every test that asks for ``db`` runs on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.store import shop
from tests.services.postgres import PostgresServer
from yizhan.core.store import migrate
from yizhan.core.store.database import Database

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.real)]


def migrate_shop(url: str) -> None:
    """Make the test shop's tables; works also beside a running event loop."""

    async def run() -> None:
        async with Database(url) as db:
            await migrate.upgrade(db, shop.SHOP)

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, run()).result()


def drop(server: PostgresServer, url: str) -> None:
    server.start()  # a test may have stopped it
    server.drop_database(url)


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/yizhan.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=BOTH)
def shop_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the tables of the test's shop."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/yizhan.db"
        migrate_shop(url)
        return url
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.start()
    url = server.new_database(server.template("store-shop", migrate_shop))
    request.addfinalizer(lambda: drop(server, url))
    return url


@pytest.fixture
async def empty_db(empty_url: str) -> AsyncIterator[Database]:
    async with Database(empty_url) as database:
        yield database


@pytest.fixture
async def db(shop_url: str) -> AsyncIterator[Database]:
    async with Database(shop_url) as database:
        yield database
