"""Every service's revisions make exactly the tables that its code has, on both databases, in one database."""

import importlib
import pkgutil

import pytest
from sqlalchemy import MetaData

from yizhan.core.store import migrate
from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift


def tables_of(service: str) -> MetaData:
    module = "yizhan.core.store.bus_tables" if service == "bus" else f"yizhan.{service}.store"
    package = importlib.import_module(module)
    for found in pkgutil.iter_modules(getattr(package, "__path__", ())):
        importlib.import_module(f"{module}.{found.name}")  # a table is known once its module was imported by somebody
    metadata = package.metadata
    assert isinstance(metadata, MetaData)
    return metadata


async def test_all_services_in_one_database(empty_db: Database) -> None:
    names = migrate.services()
    assert await migrate.upgrade_all(empty_db) == {name: migrate.head(name) for name in names}
    await migrate.check_all(empty_db)
    assert {name: await drift(empty_db, name, tables_of(name)) for name in names} == {name: [] for name in names}


@pytest.mark.parametrize("service", migrate.services())
def test_table_names_are_unique_over_all_services(service: str) -> None:
    """SQLite has one namespace for all of them."""
    others = {table.name for name in migrate.services() if name != service for table in tables_of(name).tables.values()}
    assert others.isdisjoint(table.name for table in tables_of(service).tables.values())
