"""How far a source was read: kept, moved by who has the turn and by nobody else, and hints survive."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from yizhan.channels.store import cursors
from yizhan.channels.store.cursors import CursorRow, Source
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade

AT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(seconds=30)
WK1 = Source("wechat", "desk", "wk1")
FRESH = CursorRow("", "", None, None, "", None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def database(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Database]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


async def taken(database: Database, holder: str = "a") -> CursorRow:
    async with database.begin() as tx:
        row = await cursors.lock(tx, WK1)
        await cursors.take_lease(tx, WK1, holder, LATER)
    return row


async def test_a_source_that_nobody_read_begins_at_the_beginning(database: Database) -> None:
    assert await cursors.read(database, WK1) is None
    assert await taken(database) == FRESH
    assert await cursors.read(database, WK1) == replace(FRESH, lease_holder="a", lease_until=LATER)


async def test_a_hint_is_kept_and_the_newest_counts(database: Database) -> None:
    for hint, at in (("first", AT), ("second", LATER)):
        async with database.begin() as tx:
            await cursors.note_hint(tx, WK1, hint, at)
    assert await cursors.read(database, WK1) == replace(FRESH, hint="second", hinted_at=LATER)


async def test_a_hint_leaves_place_and_turn_alone(database: Database) -> None:
    await taken(database)
    async with database.begin() as tx:
        assert await cursors.move(tx, WK1, "a", "", "p1", None)
        await cursors.note_hint(tx, WK1, "new", LATER)
    expected = CursorRow("p1", "new", LATER, None, "a", LATER)
    assert await cursors.read(database, WK1) == expected


async def test_the_last_page_ends_the_turn_and_tells_when_all_was_read(database: Database) -> None:
    await taken(database)
    async with database.begin() as tx:
        assert await cursors.move(tx, WK1, "a", "", "p1", None)
        assert await cursors.move(tx, WK1, "a", "p1", "p2", AT)
    assert await cursors.read(database, WK1) == replace(FRESH, position="p2", pulled_at=AT)


@pytest.mark.parametrize(
    ("holder", "before"),
    [("b", ""), ("a", "elsewhere"), ("", "")],
    ids=["it is another's turn", "another moved it meanwhile", "it is nobody's turn"],
)
async def test_who_lost_the_turn_moves_nothing(database: Database, holder: str, before: str) -> None:
    await taken(database)
    async with database.begin() as tx:
        assert not await cursors.move(tx, WK1, holder, before, "p9", AT)
    assert await cursors.read(database, WK1) == replace(FRESH, lease_holder="a", lease_until=LATER)


async def test_only_the_holder_extends_and_releases(database: Database) -> None:
    await taken(database)
    until = LATER + timedelta(seconds=30)
    async with database.begin() as tx:
        assert not await cursors.extend_lease(tx, WK1, "b", until)
        await cursors.release_lease(tx, WK1, "b")
        assert await cursors.extend_lease(tx, WK1, "a", until)
    assert await cursors.read(database, WK1) == replace(FRESH, lease_holder="a", lease_until=until)
    async with database.begin() as tx:
        await cursors.release_lease(tx, WK1, "a")
    assert await cursors.read(database, WK1) == FRESH


async def test_sources_of_other_channels_and_accounts_are_their_own(database: Database) -> None:
    others = (Source("wechat", "other", "wk1"), Source("wechat", "desk", "wk2"), Source("email", "desk", "wk1"))
    await taken(database)
    for number, source in enumerate(others):
        async with database.begin() as tx:
            await cursors.note_hint(tx, source, str(number), AT)
    assert set(await cursors.known(database, "wechat")) == {WK1, *others[:2]}
    assert await cursors.read(database, WK1) == replace(FRESH, lease_holder="a", lease_until=LATER)
