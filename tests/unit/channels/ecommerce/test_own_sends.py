"""Our own messages are told from the seller's, also while the call that sends them has no answer yet."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.channels.ecommerce.shop_time import Time
from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.notes import KEPT, BuyerNotes
from yizhan.channels.ecommerce.ours import IN_FLIGHT, OwnSends
from yizhan.channels.ledger import Ledger
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade

BUYER = Address("default", "ecommerce", "shop", "b-1")
OTHER = Address("default", "ecommerce", "shop", "b-2")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def database(home: Path) -> AsyncIterator[Database]:
    async with Database("", home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


@pytest.fixture
def ledger(database: Database, time: Time) -> Ledger:
    return Ledger(database, "ecommerce", time, addressed=True)


async def begun(ledger: Ledger, time: Time, to: Address = BUYER) -> SendRow:
    return await ledger.begin(Message(new_id(), to, Author(AuthorKind.BOT), Text("hi"), time()), 0)


async def no_wait(_: float) -> None:
    raise AssertionError("nothing is to be waited for")


async def test_a_message_with_the_id_of_one_of_our_sends_is_ours(
    database: Database, ledger: Ledger, time: Time
) -> None:
    row = await begun(ledger, time)
    await ledger.finish(row, SendState.SENT, external_id="m-1,m-2")
    ours = OwnSends(database, time, sleep=no_wait)
    found = [await ours(BUYER, one) for one in ("m-1", "m-2", "m-3", "m", "")]
    assert found == [row.message_id, row.message_id, "", "", ""]
    assert not await ours(OTHER, "m-1"), "ids are only known within one conversation"


async def test_a_call_without_an_answer_yet_is_waited_for(database: Database, ledger: Ledger, time: Time) -> None:
    row = await begun(ledger, time)
    waits: list[float] = []

    async def answers(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            await ledger.finish(row, SendState.SENT, external_id="m-9")

    assert await OwnSends(database, time, sleep=answers)(BUYER, "m-9")
    assert len(waits) == 3


async def test_waiting_has_an_end(database: Database, ledger: Ledger, time: Time) -> None:
    await begun(ledger, time)
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    assert not await OwnSends(database, time, sleep=wait)(BUYER, "m-9")
    assert 2.0 <= sum(waits) <= 4.0, "well within what a platform waits for our answer"


async def test_a_call_that_was_broken_off_long_ago_holds_up_nothing(
    database: Database, ledger: Ledger, time: Time
) -> None:
    await begun(ledger, time)
    time.pass_by(IN_FLIGHT)
    assert not await OwnSends(database, time, sleep=no_wait)(BUYER, "m-9")


async def test_notes_about_buyers_are_known_until_they_run_out(database: Database, time: Time) -> None:
    notes = BuyerNotes(database, time)
    await notes.note(BUYER, {"conversation": "c-1", "order_buyer": "o-1"}, time() + timedelta(days=1))
    await notes.note(BUYER, {"conversation": "c-2"}, time() + timedelta(days=2))
    assert await notes.known(BUYER) == {"conversation": "c-2", "order_buyer": "o-1"}
    assert await notes.known(OTHER) == {}
    time.pass_by(timedelta(days=1))
    assert await notes.known(BUYER) == {"conversation": "c-2"}
    time.pass_by(KEPT + timedelta(days=1))
    await notes.forget()
    assert await notes.known(BUYER) == {}


@pytest.mark.parametrize("facts", [{"n" * 33: "v"}, {"name": "v" * 301}])
async def test_a_note_that_is_too_long_is_a_mistake(database: Database, time: Time, facts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="too long"):
        await BuyerNotes(database, time).note(BUYER, facts, time())


async def test_with_the_database_away_the_platform_comes_again(database: Database, time: Time) -> None:
    await database.close()
    with pytest.raises(RetryLater):
        await OwnSends(database, time)(BUYER, "m-1")
    with pytest.raises(RetryLater):
        await BuyerNotes(database, time).known(BUYER)
    with pytest.raises(RetryLater):
        await BuyerNotes(database, time).note(BUYER, {"a": "b"}, time())
