"""The order that a buyer showed last is noted for a while; what cannot be noted costs nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from tests.unit.channels.ecommerce.orders.shop_world import NOW
from yizhan.channels.contract import Fact, InboundMessage, InboundTyping, RetryLater
from yizhan.channels.ecommerce.order_shown import NOTE, ShownOrders
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, GoodsCard, LogisticsCard, OrderCard, RefundCard, Text
from yizhan.core.messages.message import Author, AuthorKind, Message

BUYER = Address("default", "ecommerce", "shop", "lin")


class Notes:
    def __init__(self, *, away: bool = False) -> None:
        self.noted: list[tuple[Address, str, timedelta]] = []
        self.away = away

    async def known(self, address: Address) -> Mapping[str, str]:
        return {}

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        if self.away:
            raise RetryLater
        self.noted.append((address, facts[NOTE], until - NOW))


def message(content: Content, kind: AuthorKind = AuthorKind.CUSTOMER) -> InboundMessage:
    return InboundMessage(Message("m", BUYER, Author(kind, "lin"), content, NOW))


@pytest.mark.parametrize(
    ("fact", "order"),
    [
        (message(OrderCard("o-1", "")), "o-1"),
        (message(LogisticsCard("o-1", "", "SF1")), "o-1"),
        (message(RefundCard("r-1", "o-1", "")), "o-1"),
        (message(OrderCard("", "")), ""),
        (message(OrderCard("x" * 101, "")), ""),
        (message(GoodsCard("g-1", "chair")), ""),
        (message(Text("o-1")), ""),
        (message(OrderCard("o-1", ""), AuthorKind.AGENT), ""),
        (InboundTyping(BUYER, Author(AuthorKind.CUSTOMER, "lin")), ""),
    ],
)
async def test_what_shows_an_order(fact: Fact, order: str) -> None:
    notes = Notes()
    await ShownOrders(notes, lambda: NOW).heard((fact,))
    assert notes.noted == ([(BUYER, order, timedelta(minutes=30))] if order else [])


async def test_a_note_that_cannot_be_kept_is_let_go() -> None:
    await ShownOrders(Notes(away=True), lambda: NOW).heard((message(OrderCard("o-1", "")),))
