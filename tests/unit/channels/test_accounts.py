"""Accounts: added, changed and removed by the command line, seen by the running channel, wrong ones told apart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from yizhan.channels.accounts import AccountBook, AccountExists, AccountInvalid, Accounts, AccountUnknown, Change
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.store import metadata
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift
from yizhan.core.store.migrate import upgrade


class _Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def database(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Database]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, ACCOUNT_SETTINGS, now)


@pytest.fixture
def book(database: Database) -> AccountBook[WebsiteAccountSettings]:
    return AccountBook(database, "website", WebsiteAccountSettings)


async def test_the_revisions_make_the_tables(database: Database) -> None:
    assert await drift(database, "channels", metadata) == []


async def test_an_account_is_seen_with_its_settings(
    accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    settings = {"allowed_origins": ["https://Shop.example.com/"], "title": "Shop"}
    await accounts.add("acme", "website", "shop", name="Shop", settings=settings)
    assert book.get("shop") is None
    await book.refresh()
    found = book.get("shop")
    assert found is not None
    assert (found.workspace, found.id, found.name) == ("acme", "shop", "Shop")
    assert found.settings.allowed_origins == ("https://shop.example.com",)


async def test_a_change_is_laid_over_what_is_there(
    accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "shop", settings={"title": "Old", "color": "#000000"})
    await accounts.change("website", "shop", Change(settings={"title": "New", "color": None}, name="N"))
    await book.refresh()
    found = book.get("shop")
    assert found is not None
    assert (found.name, found.settings.title, found.settings.color) == ("N", "New", "#1769e0")
    await accounts.change("website", "shop", Change(enabled=False))
    await book.refresh()
    assert book.get("shop") is None
    await accounts.change("website", "shop", Change(enabled=True))
    await accounts.remove("website", "shop")
    await book.refresh()
    assert book.get("shop") is None
    assert await accounts.list() == []


async def test_an_id_is_taken_once(accounts: Accounts) -> None:
    await accounts.add("acme", "website", "shop")
    with pytest.raises(AccountExists):
        await accounts.add("other", "website", "shop")


async def test_what_does_not_exist_cannot_be_changed(accounts: Accounts) -> None:
    with pytest.raises(AccountUnknown):
        await accounts.change("website", "nobody", Change(name="x"))
    with pytest.raises(AccountUnknown):
        await accounts.remove("website", "nobody")


@pytest.mark.parametrize(
    ("channel", "account", "settings", "problem"),
    [
        ("fax", "shop", {}, "channel: one of website"),
        ("website", "Shop!", {}, "account: "),
        ("website", "x" * 64, {}, "account: "),
        ("website", "shop", {"allowed_origins": ["shop.example.com"]}, "allowed_origins.0: "),
        ("website", "shop", {"allowed_origins": ["https://shop.example.com/path"]}, "allowed_origins.0: "),
        ("website", "shop", {"allowed_origins": ["https://*"]}, "allowed_origins.0: "),
        ("website", "shop", {"allowed_origins": ["ftp://shop.example.com"]}, "allowed_origins.0: "),
        ("website", "shop", {"allowed_origins": ["https://a:b:c"]}, "allowed_origins.0: "),
        ("website", "shop", {"colour": "red"}, "colour: "),
        ("website", "shop", {"color": "red"}, "color: "),
        ("website", "shop", {"locale": "klingon!"}, "locale: "),
        ("website", "shop", {"require_identity": True}, "settings: "),
        ("website", "shop", {"identity": {"kind": "oauth"}}, "identity: "),
        ("website", "shop", {"identity": {"kind": "hmac", "secret": "short"}}, "identity.hmac.secret: "),
        ("website", "shop", {"identity": {"kind": "jwt", "algorithm": "none", "key": "x" * 40}}, "identity.jwt."),
        ("website", "shop", {"identity": {"kind": "jwt", "algorithm": "HS256", "key": "short"}}, "identity.jwt: "),
        ("website", "shop", {"identity": {"kind": "jwt", "algorithm": "RS256", "key": "x" * 40}}, "identity.jwt: "),
    ],
)
async def test_an_account_that_cannot_be_like_this_is_not_kept(
    accounts: Accounts, channel: str, account: str, settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(AccountInvalid) as raised:
        await accounts.add("acme", channel, account, settings=settings)
    assert any(line.startswith(problem) for line in raised.value.problems), raised.value.problems
    assert await accounts.list() == []


async def test_a_secret_is_shown_in_no_message(accounts: Accounts) -> None:
    secret = "hunter2-hunter2-hunter2"
    with pytest.raises(AccountInvalid) as raised:
        await accounts.add("acme", "website", "shop", settings={"identity": {"kind": "hmac", "secret": secret}})
    assert "hunter2" not in str(raised.value)


async def test_one_broken_account_does_not_take_the_others_along(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "good")
    await Accounts(database, {"website": _Anything}, now).add("acme", "website", "broken", settings={"color": "?"})
    await book.refresh()
    assert book.get("good") is not None
    assert book.get("broken") is None
