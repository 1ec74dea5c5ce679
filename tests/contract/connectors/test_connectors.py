"""Every connector says the same of the same system, and names what goes wrong by the same few names."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.connectors.rigs import NOON, Fault, Rig, Way, patience_with, rig
from tests.services.process import free_port
from yizhan.demo.orders.shop import ZONE, orders_on, say_in
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.errors import BadAnswer, ConnectorError, NotFound, RefusedByRule, Unavailable
from yizhan.dialogue.connectors.grpc import GrpcPlace, open_grpc
from yizhan.dialogue.connectors.http import HttpPlace, open_http
from yizhan.dialogue.connectors.model import (
    AfterSalesRequest,
    AppointmentRequest,
    AppointmentSlot,
    Booked,
    CancelRequest,
    Order,
    RefundCard,
    SlotsRequest,
    Taken,
)

LIN = "13800138000"
RETURN = AfterSalesRequest("SJ100002", "VASE-WHITE", "return", "碎了", "", LIN, "zh")
WEDNESDAY = datetime(2026, 11, 25, tzinfo=ZONE)
ALL_DAY = AppointmentSlot(WEDNESDAY, WEDNESDAY + timedelta(days=1))
PAST = AppointmentSlot(WEDNESDAY - timedelta(days=30), WEDNESDAY - timedelta(days=29))
WEEK = AppointmentSlot(WEDNESDAY, WEDNESDAY + timedelta(days=7))


def visit(wish: AppointmentSlot, phone: str = LIN, service: str = "repair") -> AppointmentRequest:
    return AppointmentRequest(service, "store", "hangzhou", "", wish, "林女士", phone, "zh")


async def free_slot(connector: Connector) -> AppointmentSlot:
    return (await connector.list_slots(SlotsRequest("repair", "store", "hangzhou", WEEK, 1)))[0]


async def test_an_order_arrives_whole(shop: Rig) -> None:
    expected = next(
        owned.order
        for owned in orders_on(NOON.astimezone(ZONE).date(), say_in("zh"))
        if owned.order.card.order_id == "SJ100001"
    )
    order = await shop.connector.get_order("sj100001", LIN, "zh")
    assert order == expected
    assert order.card.status == "运输中"
    assert [step.text for step in order.parcels[0].steps] == ["快件到达上海转运中心", "快件已由杭州仓发出"]
    english = await shop.connector.get_order("SJ100001", "", "en-US")
    assert english.card.status == "On its way"


async def test_orders_are_found_by_phone_newest_first(shop: Rig) -> None:
    found = await shop.connector.find_orders(f"+86 {LIN}", "zh", 10)
    assert [order.card.order_id for order in found] == ["SJ100003", "SJ100001", "SJ100002"]
    assert len(await shop.connector.find_orders(LIN, "zh", 2)) == 2
    assert await shop.connector.find_orders("13000000000", "zh", 10) == ()


async def test_orders_of_who_is_signed_in_at_the_business(shop: Rig) -> None:
    """With the one that is shown to nobody who has not proved who they are; an id that is not known has none."""
    found = await shop.connector.find_orders("", "zh", 10, "chen")
    assert [order.card.order_id for order in found] == ["SJ100008", "SJ100010", "SJ100009"]
    assert await shop.connector.find_orders("", "zh", 10, "nobody") == ()
    assert await shop.connector.find_orders("", "zh", 10) == ()


REFUSED: list[tuple[str, Callable[[Connector], Awaitable[object]], type[ConnectorError], str, dict[str, str]]] = [
    ("an order that there is not", lambda c: c.get_order("SJ999999", "", "zh"), NotFound, "not_found", {}),
    ("an order that tries to be a path", lambda c: c.get_order("../find", "", "zh"), NotFound, "not_found", {}),
    ("somebody else's order", lambda c: c.get_order("SJ100001", "13900139000", "zh"), RefusedByRule, "not_yours", {}),
    (
        "after-sales too late",
        lambda c: c.create_after_sales("k", AfterSalesRequest("SJ100004", "", "return", "", "", "", "zh")),
        RefusedByRule,
        "too_late",
        {"days": "7"},
    ),
    (
        "after-sales for goods made to measure",
        lambda c: c.create_after_sales("k", AfterSalesRequest("SJ100009", "", "return", "", "", "", "zh")),
        RefusedByRule,
        "custom_made",
        {"days": "7"},
    ),
    (
        "an item that is not in the order",
        lambda c: c.create_after_sales("k", AfterSalesRequest("SJ100002", "CHAIR", "return", "", "", "", "zh")),
        NotFound,
        "not_found",
        {},
    ),
    ("a change without a key", lambda c: c.create_after_sales("", RETURN), RefusedByRule, "key_missing", {}),
    ("an appointment in the past", lambda c: c.book("k", visit(PAST)), RefusedByRule, "past", {}),
    ("to cancel nothing", lambda c: c.cancel("k", CancelRequest("AP1", LIN, "zh")), NotFound, "not_found", {}),
]


@pytest.mark.parametrize(
    ("ask", "kind", "reason", "facts"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
async def test_what_a_business_refuses_is_told_by_its_name(
    shop: Rig,
    ask: Callable[[Connector], Awaitable[object]],
    kind: type[ConnectorError],
    reason: str,
    facts: dict[str, str],
) -> None:
    with pytest.raises(ConnectorError) as caught:
        await ask(shop.connector)
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    if isinstance(caught.value, RefusedByRule):
        assert caught.value.facts == facts
    assert shop.book.effects == 0


async def test_what_is_refused_has_words_for_the_customer(shop: Rig) -> None:
    with pytest.raises(RefusedByRule) as caught:
        await shop.connector.create_after_sales("k", AfterSalesRequest("SJ100009", "", "return", "", "", "", "zh"))
    assert caught.value.text == "定制商品不支持七天无理由退换"


async def test_an_application_is_registered_once_for_its_key(shop: Rig) -> None:
    first = await shop.connector.create_after_sales("key-1", RETURN)
    again = await shop.connector.create_after_sales("key-1", RETURN)
    assert first == again
    assert first.refund == RefundCard("RF20001", "SJ100002", "待审核", 16800)
    assert shop.book.effects == 1
    with pytest.raises(RefusedByRule, match="already") as caught:
        await shop.connector.create_after_sales("key-2", RETURN)
    assert caught.value.facts == {"application_number": first.application_id}
    with pytest.raises(RefusedByRule, match="key_reused"):
        await shop.connector.create_after_sales("key-1", AfterSalesRequest("SJ100002", "", "return", "", "", "", ""))
    assert shop.book.effects == 1


async def test_an_appointment_is_booked_or_others_are_offered(shop: Rig) -> None:
    wish = await free_slot(shop.connector)
    booked = await shop.connector.book("key-1", visit(wish))
    assert isinstance(booked, Booked)
    assert booked.appointment.slot == wish
    assert await shop.connector.book("key-1", visit(wish)) == booked
    taken = await shop.connector.book("key-2", visit(wish, phone="13900139000"))
    assert isinstance(taken, Taken)
    assert len(taken.alternatives) == 5
    assert wish not in taken.alternatives
    with pytest.raises(RefusedByRule, match="already"):
        await shop.connector.book("key-3", visit(wish))
    assert shop.book.effects == 1


async def test_an_appointment_given_up_is_free_for_others(shop: Rig) -> None:
    wish = await free_slot(shop.connector)
    booked = await shop.connector.book("key-1", visit(wish))
    assert isinstance(booked, Booked)
    number = booked.appointment.appointment_id
    with pytest.raises(NotFound):
        await shop.connector.cancel("key-2", CancelRequest(number, "13900139000", "zh"))
    cancelled = await shop.connector.cancel("key-3", CancelRequest(number, LIN, "zh"))
    assert cancelled.status == "已取消"
    assert await shop.connector.cancel("key-3", CancelRequest(number, LIN, "zh")) == cancelled
    assert isinstance(await shop.connector.book("key-4", visit(wish, phone="13900139000")), Booked)


async def _comes_back(shop: Rig) -> Order:
    """What the first call that gets through brings. One right after the cut may still be on its way to the old connection."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await shop.connector.get_order("SJ100001", "", "zh")
            except Unavailable:
                await asyncio.sleep(0.05)


FAULTS = [
    (Fault.SLOW, Unavailable, "too_slow", True),
    (Fault.CUT, Unavailable, "cut_off", True),
    (Fault.CUT_IN_THE_BODY, Unavailable, "cut_off", True),
    (Fault.BUSY, Unavailable, "rate_limited", False),
    (Fault.BROKEN, Unavailable, "", True),
    (Fault.NONSENSE, BadAnswer, "not_as_agreed", True),
    (Fault.HUGE, BadAnswer, "too_big", True),
]


@pytest.mark.parametrize(("fault", "kind", "reason", "doubt"), FAULTS, ids=[str(case[0]) for case in FAULTS])
@pytest.mark.parametrize("change", [False, True], ids=["asking", "changing"])
async def test_a_system_in_trouble_is_told_from_one_that_says_no(  # the columns of the table
    way: Way, change: bool, fault: Fault, kind: type[ConnectorError], reason: str, doubt: bool
) -> None:
    async with rig(way, patience=patience_with(fault)) as shop:
        shop.faults = [fault]
        with pytest.raises(ConnectorError) as caught:
            await (
                shop.connector.create_after_sales("key", RETURN)
                if change
                else shop.connector.get_order("SJ100001", "", "zh")
            )
        error = caught.value
        assert type(error) is kind, error
        assert not reason or error.reason == reason
        if isinstance(error, Unavailable):
            assert error.sent is doubt
            assert error.after == (timedelta(seconds=2) if fault is Fault.BUSY else None)
        if isinstance(error, BadAnswer):
            assert error.acted is doubt
        assert shop.calls == 1, "trying again is not the connector's decision"
        assert (await _comes_back(shop)).card.order_id == "SJ100001", "nobody has to open it anew"


@pytest.mark.parametrize("fault", [Fault.COMMIT_THEN_SLOW, Fault.COMMIT_THEN_CUT])
async def test_what_was_done_before_the_answer_was_lost_is_not_done_again(way: Way, fault: Fault) -> None:
    async with rig(way, patience=patience_with(fault)) as shop:
        shop.faults = [fault]
        with pytest.raises(Unavailable) as caught:
            await shop.connector.create_after_sales("key-1", RETURN)
        assert caught.value.sent
        assert shop.book.effects == 1, "the effect is there"
        again = await shop.connector.create_after_sales("key-1", RETURN)
        assert again.application_id == "AS20001"
        assert shop.book.effects == 1


async def test_a_system_far_away_that_is_slow_to_connect_is_asked_all_the_same(shop: Rig) -> None:
    """Each piece needs 0.4 seconds each way, as for a system abroad over a bad line; connecting takes several."""
    shop.proxy.delay = 0.4
    assert (await shop.connector.get_order("SJ100001", "", "zh")).card.order_id == "SJ100001"


async def test_a_restart_of_the_system_forgets_no_key(way: Way, tmp_path: Path) -> None:
    journal = tmp_path / "orders.jsonl"
    async with rig(way, journal=journal) as before:
        first = await before.connector.create_after_sales("key-1", RETURN)
        wish = await free_slot(before.connector)
        booked = await before.connector.book("key-2", visit(wish))
    with journal.open("ab") as file:
        file.write(b'{"kind": "applied", "key": "half')  # the machine went down while a line was written
    async with rig(way, journal=journal) as after:
        assert await after.connector.create_after_sales("key-1", RETURN) == first
        assert await after.connector.book("key-2", visit(wish)) == booked
        assert after.book.effects == 2
        await after.connector.book("key-3", visit(wish, service="cleaning"))
    async with rig(way, journal=journal) as last:
        assert last.book.effects == 3, "what was half written spoils nothing that came after"


async def test_a_wrong_secret_changes_nothing_and_says_so(way: Way) -> None:
    async with rig(way, secret="another") as shop:
        with pytest.raises(BadAnswer, match="key_refused") as caught:
            await shop.connector.create_after_sales("key", RETURN)
        assert not caught.value.acted
        assert shop.book.effects == 0
        assert "another" not in repr(caught.value)


async def test_nobody_listening_is_certain_to_have_changed_nothing(way: Way) -> None:
    port = free_port()
    opened = (
        open_http(HttpPlace(url=lambda: f"http://127.0.0.1:{port}"), at_once=1)
        if way == "http"
        else open_grpc(GrpcPlace(address=f"127.0.0.1:{port}", tls=False))
    )
    async with opened as connector:
        with pytest.raises(Unavailable, match="unreachable") as caught:
            await connector.create_after_sales("key", RETURN)
        assert not caught.value.sent
