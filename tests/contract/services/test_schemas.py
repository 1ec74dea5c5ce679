"""Revisions and tables say the same: otherwise a fresh deployment differs from what the code expects."""

import importlib

import pytest

from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift


@pytest.mark.parametrize("service", ["dialogue", "routing", "metrics", "console", "channels"])
async def test_the_revisions_make_the_tables_that_the_code_uses(database: Database, service: str) -> None:
    metadata = importlib.import_module(f"yizhan.{service}.store").metadata
    assert await drift(database, service, metadata) == []
