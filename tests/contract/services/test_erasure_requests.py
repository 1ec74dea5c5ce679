"""What platforms ask for when somebody leaves them: of whom something is kept here, and until when."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.services.customer_bench import Shop
from tests.contract.services.knowledge_bench import SHOP
from tests.contract.services.personal_bench import AT_ONCE, StillBus, arrive, deployment, sent
from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.erasures import ErasureRequests
from yizhan.channels.store import erasure_requests as store
from yizhan.core.messages.address import Address
from yizhan.core.messages.identities import identity_id
from yizhan.core.store.database import Database
from yizhan.dialogue.customers.erasing import Request
from yizhan.privacy.erasing import erase
from yizhan.privacy.requests import sifted

ANNA = Address(SHOP, "ecommerce", "ebay-shop", "anna_b", "conversation-1")
ERASE = Request(by="dpo", reason="left eBay", close=True)


def person(name: str) -> Address:
    return Address(SHOP, "ecommerce", "ebay-shop", name)


@pytest.fixture
async def shop(database: Database) -> Shop:
    return Shop.on(database)


async def test_who_is_known_stays_asked_for_until_erased_and_others_are_dropped(shop: Shop, home: Path) -> None:
    on = deployment(shop, home, StillBus())
    await arrive(shop, ANNA, "annas-own-word")
    requests = ErasureRequests(shop.database, shop.clock)
    await requests.ask([person("anna_b"), person("an-id-of-anna")], "n1")
    await requests.ask([person(f"stranger-{number}") for number in range(3)], "n2")
    await requests.ask([person("anna_b")], "n3")
    await sifted(on, SHOP)
    (found,) = await sifted(on, SHOP)
    assert (found.identity_id, found.channel, found.account) == (identity_id(ANNA), "ecommerce", "ebay-shop")
    assert (found.reference, found.asked_at) == ("n1", shop.clock.at)
    await sent(shop)
    await erase(on, SHOP, found.identity_id, ERASE, AT_ONCE)
    assert await sifted(on, SHOP) == []
    assert await store.oldest(shop.database) is None


async def test_one_workspaces_requests_are_not_anothers(shop: Shop, home: Path) -> None:
    on = deployment(shop, home, StillBus())
    await arrive(shop, ANNA, "annas-own-word")
    await ErasureRequests(shop.database, shop.clock).ask([person("anna_b")], "n1")
    assert await sifted(on, "another") == []
    assert len(await sifted(on, SHOP)) == 1


async def test_how_long_the_oldest_waits_is_known(shop: Shop) -> None:
    requests = ErasureRequests(shop.database, shop.clock)
    assert await store.oldest(shop.database) is None
    began = shop.clock.at
    await requests.ask([person("a")], "n1")
    shop.clock.at += timedelta(days=1)
    await requests.ask([person("b")], "n2")
    assert await store.oldest(shop.database) == began


async def test_while_nothing_can_be_noted_the_platform_shall_come_again(shop: Shop) -> None:
    await shop.database.close()
    with pytest.raises(RetryLater):
        await ErasureRequests(shop.database, shop.clock).ask([person("a")], "n1")
