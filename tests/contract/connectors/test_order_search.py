"""Looking for a customer's orders with a system that fails: what came is shown, and what failed is told."""

import pytest

from tests.contract.connectors.rigs import HASTE, PATIENCE, Fault, Way, rig
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.customers.clues import Clue, ClueKind, Source
from yizhan.dialogue.customers.order_search import AT_ONCE, OrderSearch, OrdersFound, Outcome

PHONE = Clue(ClueKind.PHONE, "13900139000", Source.SAID)
MORE = Clue(ClueKind.NUMBER, "SJ100001", Source.SAID)


def search(metrics: Metrics | None = None, *, seconds: float = PATIENCE) -> OrderSearch:
    return OrderSearch(ConnectorFigures(metrics or Metrics("test")), seconds)


def told(found: OrdersFound) -> list[tuple[str, Outcome]]:
    return [(one.clue.value, one.outcome) for one in found.looked]


def numbers(found: OrdersFound) -> list[str]:
    return [one.order.card.order_id for one in found.orders]


FAULTS = [
    (Fault.CUT, Outcome.UNAVAILABLE),
    (Fault.BUSY, Outcome.UNAVAILABLE),
    (Fault.BROKEN, Outcome.UNAVAILABLE),
    (Fault.SLOW, Outcome.UNAVAILABLE),
    (Fault.NONSENSE, Outcome.FAILED),
    (Fault.HUGE, Outcome.FAILED),
]


@pytest.mark.parametrize(("fault", "outcome"), FAULTS, ids=[fault.value for fault, _ in FAULTS])
async def test_a_card_without_orders_never_looks_like_a_customer_without_orders(
    way: Way, fault: Fault, outcome: Outcome
) -> None:
    """An empty answer of the gRPC kind is one without orders, which it cannot be told from."""
    if way == "grpc" and fault is Fault.NONSENSE:
        outcome = Outcome.NONE
    async with rig(way, patience=HASTE if fault is Fault.SLOW else PATIENCE) as system:
        system.faults.append(fault)
        found = await search().look(system.connector, (PHONE, MORE), "zh")
        assert told(found) == [("13900139000", outcome), ("SJ100001", Outcome.FOUND)]
        assert numbers(found) == ["SJ100001"]
        again = await search().look(system.connector, (PHONE, MORE), "zh")
        assert numbers(again) == ["SJ100001", "SJ100005", "SJ100004"], "asked again everything is there"


async def test_a_system_that_never_answers_costs_one_limit_and_not_one_for_each_clue(way: Way) -> None:
    """Whoever looks at the card is told in that time; the connector's own limit is longer."""
    metrics = Metrics("test")
    async with rig(way) as system:
        system.faults += [Fault.SLOW] * 10
        found = await search(metrics, seconds=HASTE).look(system.connector, (PHONE, MORE), "zh")
        assert told(found) == [("13900139000", Outcome.UNAVAILABLE), ("SJ100001", Outcome.UNAVAILABLE)]
    counted = metrics.registry.get_sample_value
    labels = {"operation": "customer_card", "outcome": "unavailable"}
    assert counted("yizhan_connector_calls_total", labels) == 2


async def test_a_process_asks_for_few_cards_at_once(way: Way) -> None:
    """A hundred agents who open conversations must not leave a small order system without breath."""
    clues = [Clue(ClueKind.NUMBER, f"SJ2000{one:02}", Source.SAID) for one in range(3 * AT_ONCE)]
    async with rig(way) as system:
        system.faults += [Fault.SLOW] * len(clues)
        await search(seconds=HASTE).look(system.connector, clues, "zh")
        assert system.calls == AT_ONCE


async def test_no_clue_is_no_call(way: Way) -> None:
    async with rig(way) as system:
        assert await search().look(system.connector, (), "zh") == OrdersFound()
        assert system.calls == 0
