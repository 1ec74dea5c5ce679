"""Accounts: added, changed and removed by the command line, seen by the running channel, wrong ones told apart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from pydantic import BaseModel, ConfigDict

from yizhan.channels import store
from yizhan.channels.account_settings import HIDDEN, account_sealer
from yizhan.channels.accounts import AccountBook, AccountExists, AccountInvalid, Accounts, AccountUnknown, Change
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.store import AccountRow, metadata
from yizhan.channels.website.settings import HmacIdentity, WebsiteAccountSettings
from yizhan.core.runtime.clock import now
from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift
from yizhan.core.store.migrate import upgrade

OLD, NEW, OTHER = ("o" * 32, "n" * 32, "x" * 32)
SECRET = "hunter2-hunter2-hunter2-hunter2-hunter2"
IDENTITY = {"identity": {"kind": "hmac", "secret": SECRET}}


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
    return under(database, NEW)


@pytest.fixture
def book(database: Database) -> AccountBook[WebsiteAccountSettings]:
    return book_under(database, NEW)


def sealer(*keys: str) -> Sealer:
    return account_sealer(Keyring(keys))


def under(database: Database, *keys: str) -> Accounts:
    """The command line of a deployment with these keys."""
    return Accounts(database, ACCOUNT_SETTINGS, now, sealer(*keys))


def book_under(database: Database, *keys: str) -> AccountBook[WebsiteAccountSettings]:
    """The running channel of a deployment with these keys."""
    return AccountBook(database, "website", WebsiteAccountSettings, sealer(*keys))


async def secret_in(book: AccountBook[WebsiteAccountSettings], account: str = "shop") -> str:
    """The secret with which the channel checks the shop's customers; empty when the account cannot be used."""
    await book.refresh()
    found = book.get(account)
    if found is None:
        return ""
    assert isinstance(found.settings.identity, HmacIdentity)
    return found.settings.identity.secret.get_secret_value()


async def stored(database: Database) -> str:
    """Everything that the database keeps of the accounts' settings."""
    return str([row.settings for row in await store.read_accounts(database)])


async def put_plain(database: Database) -> None:
    """An account as versions stored it that did not seal."""
    async with database.begin() as tx:
        await store.insert_account(tx, AccountRow("acme", "website", "shop", "Shop", IDENTITY, True, now()))


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
        ("fax", "shop", {}, "channel: one of app"),
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
        ("website", "shop", {"identity": {"kind": "oauth"}}, "identity.kind: one of none, jwt, hmac"),
        ("website", "shop", {"identity": {}}, "identity.kind: Field required"),
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


async def test_the_database_holds_no_secret_in_clear_and_the_channel_has_it(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "shop", settings=IDENTITY)
    assert "hunter2" not in await stored(database)
    assert await secret_in(book) == SECRET


async def test_a_change_of_something_else_keeps_the_secret(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "shop", settings=IDENTITY)
    await accounts.change("website", "shop", Change(settings={"title": "New"}))
    assert "hunter2" not in await stored(database)
    assert await secret_in(book) == SECRET


async def test_one_setting_inside_another_is_changed_by_its_dotted_name(
    accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "shop", settings=IDENTITY)
    await accounts.change("website", "shop", Change(settings={"identity.secret": "s" * 40}))
    assert await secret_in(book) == "s" * 40
    with pytest.raises(AccountInvalid, match=r"identity\.hmac\.secret: Field required"):
        await accounts.change("website", "shop", Change(settings={"identity.secret": None}))


async def test_a_secret_of_an_older_version_goes_on_working_and_is_sealed_at_the_next_change(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await put_plain(database)
    assert await secret_in(book) == SECRET
    assert "hunter2" not in str(await accounts.list())
    await accounts.change("website", "shop", Change(name="Another"))
    assert "hunter2" not in await stored(database)
    assert await secret_in(book) == SECRET


async def test_a_key_is_given_up_after_sealing_anew(database: Database) -> None:
    await under(database, OLD).add("acme", "website", "shop", settings=IDENTITY)
    await under(database, OLD).add("acme", "website", "plain")
    both = under(database, NEW, OLD)
    assert await secret_in(book_under(database, NEW, OLD)) == SECRET
    assert [view.account for view in await both.seal()] == ["shop"]
    assert list(await both.seal()) == []
    assert await secret_in(book_under(database, NEW)) == SECRET


async def test_an_account_whose_key_is_gone_is_shown_as_unusable_and_leaves_the_others_alone(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await under(database, OTHER).add("acme", "website", "lost", settings=IDENTITY)
    await accounts.add("acme", "website", "shop", settings=IDENTITY)
    with structlog.testing.capture_logs() as logs:
        assert await secret_in(book, "lost") == ""
    assert [(line["event"], line["account"], line["fields"]) for line in logs] == [
        ("account_secrets_unreadable", "lost", ("identity.secret",))
    ]
    assert await secret_in(book) == SECRET
    lost, shop = await accounts.list()
    assert (shop.problems, shop.settings) == ((), {"identity": {"kind": "hmac", "secret": HIDDEN}})
    assert [line.partition(" was sealed under a key that YIZHAN_SECRET")[0] for line in lost.problems] == [
        "identity.secret:"
    ]
    assert await accounts.seal() == [], "what cannot be opened is left for the key to come back"
    assert await secret_in(book_under(database, NEW, OTHER), "lost") == SECRET


async def test_an_account_whose_key_is_gone_is_switched_off_or_given_a_new_secret(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await under(database, OTHER).add("acme", "website", "shop", settings=IDENTITY)
    await accounts.change("website", "shop", Change(enabled=False))
    with pytest.raises(AccountInvalid, match=r"identity\.secret: was sealed"):
        await accounts.change("website", "shop", Change(settings={"title": "New"}))
    await accounts.change("website", "shop", Change(enabled=True, settings={"identity.secret": "s" * 40}))
    assert await secret_in(book) == "s" * 40


async def test_what_a_change_would_make_can_be_looked_at_before(accounts: Accounts) -> None:
    wanted = await accounts.settings_of_new("website", "shop", IDENTITY)
    assert isinstance(wanted, WebsiteAccountSettings)
    assert await accounts.list() == []
    await accounts.add("acme", "website", "shop", settings=IDENTITY)
    with pytest.raises(AccountExists):
        await accounts.settings_of_new("website", "shop", IDENTITY)
    after = await accounts.settings_after("website", "shop", Change(settings={"title": "New"}))
    assert isinstance(after, WebsiteAccountSettings)
    assert isinstance(after.identity, HmacIdentity)
    assert (after.title, after.identity.secret.get_secret_value()) == ("New", SECRET)
    assert "title" not in (await accounts.get("website", "shop")).settings
    for ask in (accounts.get, accounts.settings):
        with pytest.raises(AccountUnknown):
            await ask("website", "nobody")


async def test_a_secret_is_shown_in_no_message(accounts: Accounts) -> None:
    secret = "hunter2-hunter2-hunter2"
    with pytest.raises(AccountInvalid) as raised:
        await accounts.add("acme", "website", "shop", settings={"identity": {"kind": "hmac", "secret": secret}})
    assert "hunter2" not in str(raised.value)


async def test_one_broken_account_does_not_take_the_others_along(
    database: Database, accounts: Accounts, book: AccountBook[WebsiteAccountSettings]
) -> None:
    await accounts.add("acme", "website", "good")
    anything = Accounts(database, {"website": _Anything}, now, sealer(NEW))
    await anything.add("acme", "website", "broken", settings={"color": "?"})
    await book.refresh()
    assert book.get("good") is not None
    assert book.get("broken") is None
