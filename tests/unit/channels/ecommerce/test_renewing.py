"""A token that ends while something is being read: had anew, once, and the reading done again."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.unit.channels.ecommerce.bench import Bench
from tests.unit.channels.ecommerce.shopee import CONVERSATION, SHOP, no, ok, push, said
from yizhan.channels.contract import InboundMessage, NotAccepted, Pulled, Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.channel import EcommerceChannel
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.platform import KIND, Shopee
from yizhan.channels.ecommerce.shops import Shop, Shops
from yizhan.channels.tokens import TokenManager, TokenRefused


class Manager:
    """``refuses``: the seller's consent is over."""

    def __init__(self) -> None:
        self.renewed: list[tuple[str, str]] = []
        self.refuses = False

    async def renew(self, account: str, failed: str) -> None:
        self.renewed.append((account, failed))
        if self.refuses:
            raise TokenRefused("consent_over")


class One:
    """The one shop there is."""

    def __init__(self, platform: Any) -> None:
        self.shop = Shop(SHOP, KIND, platform)

    def get(self, account: str) -> Shop | None:
        return self.shop if account == "shop" else None

    def at(self, platform: str, account: str) -> Shop | None:
        return self.get(account) if platform == "shopee" or not platform else None


def opened() -> tuple[EcommerceChannel, Manager, Bench]:
    bench, manager = Bench(), Manager()
    tools = bench.tools()
    shown = ShownOrders(tools.notes, tools.clock)
    channel = EcommerceChannel(cast(Shops, One(Shopee(tools))), cast(TokenManager, manager), shown)
    return channel, manager, bench


NOTICE = push({"conversation_id": CONVERSATION, "type": "new_message"}, "notification")
LOG = ok({"messages": [said("text", {"text": "在吗"})]})


async def finished(channel: EcommerceChannel) -> Any:
    found = await channel.receive(NOTICE)
    assert found.finish is not None
    return await found.finish()


async def test_a_push_is_finished_with_a_new_token() -> None:
    channel, manager, bench = opened()
    bench.calls.answers(paths.MESSAGES, no("error_auth"), LOG)
    assert [type(fact) for fact in await finished(channel)] == [InboundMessage]
    assert [account for account, _ in manager.renewed] == ["shop"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda manager, bench: setattr(manager, "refuses", True), id="the consent is over"),
        pytest.param(lambda manager, bench: bench.calls.answers(paths.MESSAGES, no("error_auth")), id="it ends again"),
    ],
)
async def test_a_push_whose_token_cannot_be_had_is_to_come_again(spoil: Callable[[Manager, Bench], None]) -> None:
    channel, manager, bench = opened()
    bench.calls.answers(paths.MESSAGES, no("error_auth"), LOG)
    spoil(manager, bench)
    with pytest.raises(NotAccepted):
        await finished(channel)
    assert len(manager.renewed) == 1


class Asked:
    """A platform whose source answers so, one after the other."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def sources(self, shop: object) -> frozenset[str]:
        return frozenset({"log"})

    async def pull(self, shop: object, source: str) -> Pulled:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Pulled()


@pytest.mark.parametrize(
    ("answers", "after"),
    [
        pytest.param((TokenExpired("t"), None), None, id="a new token helps"),
        pytest.param((TokenExpired("t"), TokenExpired("t")), 300.0, id="it does not"),
        pytest.param((Refused("no"),), 300.0, id="refused"),
        pytest.param((RetryLater(7.0),), 7.0, id="later"),
    ],
)
async def test_a_source_that_cannot_be_had_is_asked_later(answers: tuple[object, ...], after: float | None) -> None:
    tools = Bench().tools()
    shown = ShownOrders(tools.notes, tools.clock)
    channel = EcommerceChannel(cast(Shops, One(Asked(*answers))), cast(TokenManager, Manager()), shown)
    if after is None:
        assert (await channel.pull("shop/log")).facts == ()
        return
    with pytest.raises(RetryLater) as later:
        await channel.pull("shop/log")
    assert later.value.after == after
