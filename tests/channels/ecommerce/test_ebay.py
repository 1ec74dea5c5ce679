"""What only eBay does, at the running channel: addresses that prove themselves, pushes that leave things out, people who leave."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.conformance.ebay import EbayHarness
from tests.channels.conformance.harness import ACCOUNT
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.channels.waiting import until
from tests.services.schemas import sqlite_file
from yizhan.channels.ecommerce.ebay import watching
from yizhan.channels.ecommerce.notes import BuyerNotes
from yizhan.channels.store import erasure_requests as requests
from yizhan.core.messages.address import Address
from yizhan.core.messages.identities import identity_id
from yizhan.core.runtime.clock import now


@pytest.fixture
async def stand(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(watching, "WAIT_SECONDS", 0.05)
    sqlite_file(home)
    async with open_stand(EbayHarness(), Place("embedded://"), home) as opened:
        yield opened


@pytest.fixture
def shop(stand: Stand) -> EbayHarness:
    assert isinstance(stand.harness, EbayHarness)
    return stand.harness


async def test_the_address_proves_itself_with_the_endpoint_that_was_registered(stand: Stand, shop: EbayHarness) -> None:
    assert await shop.site.challenged(f"https://service.example.com/ecommerce/ebay/{ACCOUNT}")
    assert not await shop.site.challenged(f"https://service.example.com/ecommerce/ebay/{ACCOUNT}/")
    await stand.change_account(endpoint="https://hooks.example.com/ebay")
    await stand.restart()
    assert await shop.site.challenged("https://hooks.example.com/ebay")


async def test_a_push_that_only_names_a_message_brings_all_of_it(stand: Stand, shop: EbayHarness) -> None:
    shop.site.pushes_bodies = False
    person = await shop.person()
    for text in ("这是全文", "第二句"):
        await person.says(text)
    await stand.hears(person, 2)
    assert stand.words(person) == ["这是全文", "第二句"]


async def test_what_was_never_pushed_is_found_and_what_was_pushed_is_not_said_again(
    stand: Stand, shop: EbayHarness
) -> None:
    place = Address("default", "ecommerce", ACCOUNT, "", watching.SOURCE)
    notes = BuyerNotes(stand.core.database, now)
    while not await notes.known(place):
        await until(lambda: True)
    person = await shop.person()
    await person.says("推送过的")
    await stand.hears(person, 1)
    shop.site.written(person.buyer, "没有推送的")
    earlier = now() - timedelta(minutes=10)
    facts = {"looked_at": earlier.isoformat(), "upto": earlier.isoformat()}
    await notes.note(place, facts, now() + timedelta(days=1))
    await stand.hears(person, 2)
    await person.says("最后")
    await stand.hears(person, 3)
    assert stand.words(person) == ["推送过的", "没有推送的", "最后"]


async def test_who_leaves_the_platform_is_noted_for_good_and_by_nothing_that_tells_who(
    stand: Stand, shop: EbayHarness
) -> None:
    left = {"username": "anna_b", "userId": "ma8vp1jySJC", "eiasToken": "nY+sHZ2PrBmdj6wVnY"}
    seal = shop.site.seal(left, "MARKETPLACE_ACCOUNT_DELETION")
    for _ in range(2):
        assert (await shop.pushed(seal)).taken
    await stand.restart()
    async with stand.core.database.read() as tx:
        rows = await requests.after(tx, "default", "", 10)
    people = [Address("default", "ecommerce", ACCOUNT, name) for name in ("anna_b", "ma8vp1jySJC")]
    assert {row.identity_id for row in rows} == {identity_id(person) for person in people}
    assert "anna_b" not in str(rows)
    forged = await shop.pushed(shop.site.seal(left, "MARKETPLACE_ACCOUNT_DELETION", forged=True))
    assert forged.status == 412
