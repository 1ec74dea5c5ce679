"""Asks the business's order system for the orders that clues lead to: at once, within one limit, and honest about what failed. Nothing is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import structlog

from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.errors import BadAnswer, NotFound, RefusedByRule, Unavailable
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.connectors.model import Order
from yizhan.dialogue.connectors.shops import NoOrders, ShopConnector
from yizhan.dialogue.customers.clues import Clue, ClueKind, Source

log = structlog.get_logger(__name__)

SECONDS = 6.0
"""For everything that one card asks; whoever looks at it sees what came until then."""

AT_ONCE = 8
"""Calls of a process for cards, so that tasks of customers never wait for them."""

MOST_FOUND = 20
MOST_SHOWN = 30

_OPERATION = "customer_card"


class Outcome(StrEnum):
    FOUND = "found"
    NONE = "none"
    """The system knows no such order."""
    REFUSED = "refused"
    """A rule of the business; ``Looked.text`` says which, in the business's words."""
    UNAVAILABLE = "unavailable"
    """No answer in time, or none at all; asking again later may help."""
    FAILED = "failed"
    """The system answered with something else than was agreed: its declaration is wrong."""
    ABSENT = "absent"
    """The conversation's channel looks no orders up for this account. Told to nobody."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a clue led to."""

    clue: Clue
    outcome: Outcome
    text: str = ""
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """``by``: the places, among what was looked for, of the clues that lead to it."""

    order: Order
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrdersFound:
    """``orders`` newest first, each once; ``more``: there are others. ``absent``: by their buyer none can be found."""

    orders: tuple[FoundOrder, ...] = ()
    looked: tuple[Looked, ...] = ()
    more: bool = False
    absent: bool = False


@dataclass(slots=True)
class OrderSearch:
    """Safe to share: it keeps nothing but how many calls are under way."""

    figures: ConnectorFigures
    seconds: float = SECONDS
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def look(self, connector: Connector, clues: Sequence[Clue], locale: str) -> OrdersFound:
        """People first; then the numbers of orders that these did not lead to."""
        until = asyncio.get_running_loop().time() + self.seconds
        people = [one for one in clues if one.kind is not ClueKind.NUMBER]
        first = await self._each(connector, people, locale, until)
        numbers = _still_to_look(clues, first)
        return _together((*first, *await self._each(connector, numbers, locale, until)))

    async def _each(self, connector: Connector, clues: Sequence[Clue], locale: str, until: float) -> Sequence[Looked]:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._one(connector, clue, locale, until)) for clue in clues]
        return [one.result() for one in asked]

    async def _one(self, connector: Connector, clue: Clue, locale: str, until: float) -> Looked:
        began, outcome = self.figures.now(), "cut_off"
        try:
            async with asyncio.timeout_at(until), self._at_once:
                looked = await _looked(connector, clue, locale)
            outcome = looked.outcome.value
            return looked
        except TimeoutError:
            outcome = Outcome.UNAVAILABLE.value
            return Looked(clue, Outcome.UNAVAILABLE)
        finally:
            self.figures.ended(_OPERATION, outcome, began)


def _still_to_look(clues: Sequence[Clue], looked: Sequence[Looked]) -> list[Clue]:
    """Numbers of orders that were not found yet; what was typed and turned out to be a telephone number is none."""
    known = {order.card.order_id.upper() for one in looked for order in one.orders}
    typed = any(one.orders and one.clue.source is Source.ASKED for one in looked)
    numbers = [one for one in clues if one.kind is ClueKind.NUMBER and one.value.upper() not in known]
    return [one for one in numbers if not (typed and one.source is Source.ASKED)]


async def _looked(connector: Connector, clue: Clue, locale: str) -> Looked:
    try:
        orders = await _ASK[clue.kind](connector, clue.value, locale)
    except NotFound:
        return Looked(clue, Outcome.NONE)
    except NoOrders:
        return Looked(clue, Outcome.ABSENT)
    except RefusedByRule as refusal:
        return Looked(clue, Outcome.REFUSED, refusal.text)
    except Unavailable as error:
        log.info("customer_orders_unavailable", reason=error.reason)
        return Looked(clue, Outcome.UNAVAILABLE)
    except BadAnswer as error:
        log.warning("customer_orders_failed", reason=error.reason)
        return Looked(clue, Outcome.FAILED)
    return Looked(clue, Outcome.FOUND if orders else Outcome.NONE, orders=orders)


async def _by_customer(connector: Connector, value: str, locale: str) -> tuple[Order, ...]:
    if isinstance(connector, ShopConnector):
        return await connector.of_own_system("", locale, MOST_FOUND + 1, value)
    return await connector.find_orders("", locale, MOST_FOUND + 1, value)


async def _by_phone(connector: Connector, value: str, locale: str) -> tuple[Order, ...]:
    if isinstance(connector, ShopConnector):
        return await connector.of_own_system(value, locale, MOST_FOUND + 1)
    return await connector.find_orders(value, locale, MOST_FOUND + 1)


async def _by_number(connector: Connector, value: str, locale: str) -> tuple[Order, ...]:
    return (await connector.get_order(value, "", locale),)


async def _by_buyer(connector: Connector, _value: str, locale: str) -> tuple[Order, ...]:
    """Raises NoOrders too."""
    if not isinstance(connector, ShopConnector):
        raise NoOrders
    return await connector.of_buyer("", locale, MOST_FOUND + 1)


_ASK: dict[ClueKind, Callable[[Connector, str, str], Awaitable[tuple[Order, ...]]]] = {
    ClueKind.CUSTOMER: _by_customer,
    ClueKind.PHONE: _by_phone,
    ClueKind.NUMBER: _by_number,
    ClueKind.BUYER: _by_buyer,
}


def _together(looked: Iterable[Looked]) -> OrdersFound:
    """Every order once, with all clues that lead to it."""
    every = tuple(looked)
    asked = tuple(one for one in every if one.outcome is not Outcome.ABSENT)
    orders: dict[str, tuple[Order, list[int]]] = {}
    for place, one in enumerate(asked):
        for order in one.orders[:MOST_FOUND]:
            orders.setdefault(order.card.order_id, (order, []))[1].append(place)
    newest = sorted(orders.values(), key=lambda one: _age(one[0]), reverse=True)
    more = len(newest) > MOST_SHOWN or any(len(one.orders) > MOST_FOUND for one in asked)
    return OrdersFound(
        tuple(FoundOrder(order, tuple(by)) for order, by in newest[:MOST_SHOWN]), asked, more, len(asked) < len(every)
    )


def _age(order: Order) -> tuple[datetime, str]:
    """What newer orders have more of; the oldest are those of which nobody knows."""
    return order.placed_at or datetime.min.replace(tzinfo=UTC), order.card.order_id
