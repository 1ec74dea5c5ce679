"""Revisions and tables say the same: otherwise a fresh deployment differs from what the code expects."""

import importlib
import pkgutil

import pytest
from sqlalchemy import MetaData

from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift


@pytest.mark.parametrize("service", ["dialogue", "routing", "metrics", "console", "channels"])
async def test_the_revisions_make_the_tables_that_the_code_uses(database: Database, service: str) -> None:
    assert await drift(database, service, tables_of(service)) == []


def tables_of(service: str) -> MetaData:
    """With those of every module of the store, whichever other tests have imported."""
    store = importlib.import_module(f"yizhan.{service}.store")
    for module in pkgutil.iter_modules(getattr(store, "__path__", ())):
        importlib.import_module(f"{store.__name__}.{module.name}")
    metadata: MetaData = store.metadata
    return metadata
