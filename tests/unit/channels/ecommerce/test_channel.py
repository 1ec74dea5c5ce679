"""The channel finds the platform that an account is on, and lets none of them break what the host relies on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.channels.ecommerce.consent_world import (
    ACCOUNT,
    KEYRING,
    PUBLIC_URL,
    SECRET,
    Desk,
    Replica,
    add_shop,
    new_desk,
    replica,
)
from tests.unit.channels.ecommerce.shop_time import Time
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.account_setup import CannotConnect, Connecting
from yizhan.channels.accounts import Accounts, AccountUnknown
from yizhan.channels.contract import (
    Call,
    CallRefused,
    Fact,
    NotAccepted,
    OutcomeUnknown,
    Push,
    Refusal,
    Refused,
    RetryLater,
    SendError,
)
from yizhan.channels.ecommerce.channel import LEAST, REFUSED_AFTER, EcommerceChannel
from yizhan.channels.ecommerce.consent_tickets import ConsentTickets
from yizhan.channels.ecommerce.notes import BuyerNotes
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.platforms import PLATFORMS
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.channels.registry import ACCOUNT_SETTINGS, ACCOUNT_SETUPS
from yizhan.channels.store import grants
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def database(home: Path, time: Time) -> AsyncIterator[Database]:
    async with Database("", home=home) as opened:
        await upgrade(opened, "channels")
        await add_shop(opened, time)
        yield opened


@pytest.fixture
def desk(time: Time) -> Desk:
    return new_desk(time)


@pytest.fixture
async def one(database: Database, time: Time, desk: Desk) -> Replica:
    return await replica(database, time, desk)


@pytest.fixture
def channel(one: Replica, database: Database, time: Time) -> EcommerceChannel:
    return EcommerceChannel(one.shops, one.tokens.manager, ShownOrders(BuyerNotes(database, time), time))


def call(platform: str = "bridge", account: str = ACCOUNT) -> Call:
    return Call(account, "POST", {}, b"", platform=platform)


@pytest.mark.parametrize(("platform", "account"), [("taobao", ACCOUNT), ("nonsense", ACCOUNT), ("bridge", "nobody")])
async def test_an_account_is_not_there_under_another_platforms_address(
    channel: EcommerceChannel, platform: str, account: str
) -> None:
    with pytest.raises(CallRefused) as refused:
        await channel.receive(call(platform, account))
    assert (refused.value.status, refused.value.code) == (404, "unknown_account")


@pytest.mark.parametrize(
    ("error", "after"), [(RetryLater(7.0), 7.0), (Refused("x"), REFUSED_AFTER), (OutcomeUnknown(), REFUSED_AFTER)]
)
async def test_what_a_push_needs_and_cannot_have_makes_the_platform_come_again(
    one: Replica, channel: EcommerceChannel, monkeypatch: pytest.MonkeyPatch, error: SendError, after: float
) -> None:
    async def finish() -> tuple[Fact, ...]:
        raise error

    async def at_once(*_: Any) -> Push:
        raise error

    async def later(*_: Any) -> Push:
        return Push(finish=finish)

    monkeypatch.setattr(one.shop.platform, "receive", at_once)
    with pytest.raises(NotAccepted) as raised:
        await channel.receive(call())
    assert raised.value.after == after
    monkeypatch.setattr(one.shop.platform, "receive", later)
    push = await channel.receive(call())
    assert push.finish is not None
    with pytest.raises(NotAccepted) as raised:
        await push.finish()
    assert raised.value.after == after


async def test_of_an_account_that_is_gone_nothing_is_sent_or_asked(channel: EcommerceChannel, time: Time) -> None:
    to = Address("default", CHANNEL, "nobody", "b-1")
    with pytest.raises(Refused) as refused:
        await channel.send(Message("m", to, Author(AuthorKind.BOT), Text("hi"), time()), 0)
    assert refused.value.reason is Refusal.ACCOUNT
    assert (channel.abilities("nobody"), channel.sources()) == (LEAST, frozenset())
    with pytest.raises(RetryLater):
        await channel.pull("nobody/orders")


async def test_another_account_of_the_same_id_gets_no_consent_of_the_one_before(
    database: Database, time: Time, one: Replica, desk: Desk
) -> None:
    await one.consents(desk)
    accounts = Accounts(database, ACCOUNT_SETTINGS, time, account_sealer(KEYRING))
    await accounts.remove(CHANNEL, ACCOUNT)
    with pytest.raises(AccountUnknown):
        await accounts.remove(CHANNEL, ACCOUNT)
    await add_shop(database, time)
    assert await grants.read(database, CHANNEL, ACCOUNT) is None


# --- the command line's part ----------------------------------------------------------------------------------------

CONSENTED: dict[str, Any] = {"platform": "taobao", "app_key": "12345678", "app_secret": "s" * 32}


def setup() -> Connecting:
    found = ACCOUNT_SETUPS[CHANNEL]
    assert isinstance(found, Connecting)
    return found


def process(home: Path, public_url: str) -> EmbeddedSettings:
    return EmbeddedSettings(home=home, secret="k" * 32, public_url=public_url)


def model(settings: dict[str, Any]) -> EcommerceAccountSettings:
    return EcommerceAccountSettings.model_validate(settings)


def test_the_address_to_consent_at_is_signed_for_the_account(home: Path) -> None:
    url = setup().connect_url(ACCOUNT, model(CONSENTED), process(home, PUBLIC_URL))
    base, _, ticket = url.partition("?ticket=")
    assert base == f"{PUBLIC_URL}/ecommerce/taobao/{ACCOUNT}/connect"
    checked = ConsentTickets(signers(KEYRING, now)).check_ticket(ticket)
    assert (checked.platform, checked.account) == ("taobao", ACCOUNT)


@pytest.mark.parametrize(
    ("settings", "public_url", "problem"),
    [
        ({"platform": "bridge", "secret": SECRET}, PUBLIC_URL, "asks for no consent"),
        (CONSENTED, "", "YIZHAN_PUBLIC_URL"),
    ],
)
def test_where_there_is_nothing_to_consent_to_it_is_said(
    home: Path, settings: dict[str, Any], public_url: str, problem: str
) -> None:
    with pytest.raises(CannotConnect, match=problem):
        setup().connect_url(ACCOUNT, model(settings), process(home, public_url))


async def test_shops_whose_seller_must_act_are_named_with_what_to_do(database: Database, time: Time) -> None:
    shops = {"new": model(CONSENTED), "bridge": model({"platform": "bridge", "secret": SECRET})}
    concerns = await setup().concerns(database, shops, time())
    assert list(concerns) == ["new"]
    assert "yizhan account connect ecommerce new" in concerns["new"]


@pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.key)
def test_every_platform_can_be_looked_at_without_tools(kind: Any) -> None:
    """The command line asks each whether it needs a consent, and has nothing to give it."""
    from yizhan.channels.ecommerce.setup import needs_consent

    assert needs_consent(kind.key) in {True, False}
