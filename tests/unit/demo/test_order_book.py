"""The demo shop: the same every day, nothing ahead of its time, one answer per key, and nothing forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from yizhan.demo.orders import calendar
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.journal import Journal
from yizhan.demo.orders.shop import ZONE, orders_on, say_in
from yizhan.dialogue.connectors.errors import RefusedByRule
from yizhan.dialogue.connectors.model import AfterSalesRequest, AppointmentRequest, AppointmentSlot, Booked, Taken

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RETURN = AfterSalesRequest("SJ100002", "VASE-WHITE", "return", "碎了", "", "13800138000", "zh")


def book_at(at: datetime, path: Path | None = None) -> OrderBook:
    return OrderBook(lambda: at, Journal(path))


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_nothing_that_is_told_of_lies_in_the_future(hour: int) -> None:
    now = datetime(2026, 11, 22, hour, 1, tzinfo=ZONE)
    for phone in ("13800138000", "13900139000", "18612345678", "13700137000"):
        for order in book_at(now).find_orders(phone, "zh", 10):
            assert order.placed_at is not None
            told = [order.placed_at, *(step.at for parcel in order.parcels for step in parcel.steps)]
            assert max(told) <= now, order.card.order_id


def test_every_day_has_the_same_orders_in_both_languages() -> None:
    def numbers(day: datetime, locale: str) -> list[str]:
        return [owned.order.card.order_id for owned in orders_on(day.date(), say_in(locale))]

    assert numbers(NOON, "zh") == numbers(NOON + timedelta(days=200), "zh") == numbers(NOON, "en-GB")
    assert len(set(numbers(NOON, "zh"))) == 11
    for owned in orders_on(NOON.date(), say_in("en")):
        words = owned.order.card.status + owned.order.after_sales.text
        assert words.isascii(), "a customer who reads English gets English"


def test_about_a_fifth_of_the_times_is_taken_by_others_the_same_ones_every_time() -> None:
    def free() -> list[AppointmentSlot]:
        return list(calendar.slots(NOON, "repair", "store", "hangzhou"))

    assert free() == free()
    assert 0.6 < len(free()) / (calendar.DAYS * len(calendar.BEGINS)) < 0.95
    assert all(slot.begins >= NOON + calendar.NOTICE for slot in free())


WISHES = [
    ("a point inside a time", "15:00", "15:00"),
    ("the time itself", "13:00", "16:00"),
    ("an afternoon", "12:00", "18:00"),
]


@pytest.mark.parametrize(("begins", "ends"), [case[1:] for case in WISHES], ids=[case[0] for case in WISHES])
def test_a_wish_is_met_by_a_time_around_or_inside_it(begins: str, ends: str) -> None:
    slot = AppointmentSlot(*(datetime(2026, 11, 25, hour, tzinfo=ZONE) for hour in (13, 16)))
    wish = AppointmentSlot(*(datetime.fromisoformat(f"2026-11-25T{at}").replace(tzinfo=ZONE) for at in (begins, ends)))
    assert calendar.suits(slot, wish)
    assert not calendar.suits(slot, AppointmentSlot(slot.ends, slot.ends + timedelta(hours=1)))


def test_only_so_many_can_come_in_an_afternoon(tmp_path: Path) -> None:
    book = book_at(NOON, tmp_path / "orders.jsonl")
    wish = AppointmentSlot(*(datetime(2026, 11, 25, hour, tzinfo=ZONE) for hour in (0, 23)))

    def ask(number: int) -> Booked | Taken:
        phone = f"1380013800{number}"
        return book.book(
            f"key-{number}", AppointmentRequest("repair", "store", "hangzhou", "", wish, "林", phone, "zh")
        )

    outcomes = [ask(number) for number in range(5)]
    booked = [outcome.appointment.slot.begins for outcome in outcomes if isinstance(outcome, Booked)]
    assert 1 <= len(booked) <= len(calendar.BEGINS)
    assert len(set(booked)) == len(booked), "nobody has the time of another"
    assert isinstance(outcomes[-1], Taken)
    assert all(isinstance(ask(number), Booked) for number in range(len(booked))), "a key keeps its answer"


def test_a_restart_forgets_nothing_but_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "orders.jsonl"
    first = book_at(NOON, path).create_after_sales("key-1", RETURN)
    assert path.stat().st_mode & 0o077 == 0, "others on this machine do not read it"
    with path.open("ab") as file:
        file.write(b'{"kind":"applied","key":"key-2","request":{"order_id":"SJ1')
    with capture_logs() as logged:
        again = book_at(NOON, path)
    assert [line["event"] for line in logged] == ["demo_order_line_unreadable"]
    assert again.create_after_sales("key-1", RETURN) == first
    with pytest.raises(RefusedByRule, match="already"):
        again.create_after_sales("key-2", RETURN)
    other = AfterSalesRequest("SJ100002", "BLANKET-WOOL", "repair", "", "", "", "en")
    assert again.create_after_sales("key-3", other).status == "Submitted, being looked at"
    assert book_at(NOON, path).effects == 2
