"""The order that a buyer showed last: a card that they sent, or the page from which they came. Noted for a while."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog

from yizhan.channels.contract import Fact, InboundMessage, RetryLater
from yizhan.channels.ecommerce.platform import Notes
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import LogisticsCard, OrderCard, RefundCard
from yizhan.core.messages.message import AuthorKind
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

NOTE = "order_shown"
KEPT = timedelta(minutes=30)
"""As long as they probably speak of it."""
_LONGEST = 100


class ShownOrders:
    """Losing a note only means that the buyer is asked for the number."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock

    async def heard(self, facts: Sequence[Fact]) -> None:
        """Note what these show. Raises nothing."""
        for address, order_id in shown_in(facts):
            await self.note(address, order_id)

    async def note(self, address: Address, order_id: str) -> None:
        """The buyer speaks of this order. Raises nothing."""
        if not order_id or len(order_id) > _LONGEST:
            return
        try:
            await self._notes.note(address, {NOTE: order_id}, self._clock() + KEPT)
        except RetryLater:
            log.info("order_shown_not_noted", account=address.account)


def shown_in(facts: Iterable[Fact]) -> Iterable[tuple[Address, str]]:
    """Where buyers sent a card of theirs, and which order it is of."""
    for fact in facts:
        if not isinstance(fact, InboundMessage) or fact.message.author.kind is not AuthorKind.CUSTOMER:
            continue
        match fact.message.content:
            case OrderCard(order_id=order_id) | LogisticsCard(order_id=order_id) | RefundCard(order_id=order_id):
                yield fact.message.address, order_id
