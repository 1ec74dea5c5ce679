"""Times as tasks name them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from yizhan.dialogue.connectors.model import AppointmentSlot
from yizhan.dialogue.connectors.wishes import WishUnreadable, read_wish, show_slot, write_slot

ZONE = ZoneInfo("Asia/Shanghai")

READ = [
    ("a day", "2026-11-25", "2026-11-25T00:00", "2026-11-26T00:00"),
    ("a weekend", "2026-11-28/2026-11-29", "2026-11-28T00:00", "2026-11-30T00:00"),
    ("an afternoon", "2026-11-25T12:00/18:00", "2026-11-25T12:00", "2026-11-25T18:00"),
    ("an evening", "2026-11-25T18:00/00:00", "2026-11-25T18:00", "2026-11-26T00:00"),
    ("a point", "2026-11-25T15:30", "2026-11-25T15:30", "2026-11-25T15:30"),
]


@pytest.mark.parametrize(("text", "begins", "ends"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_a_wish_is_a_span_by_the_businesss_clock(text: str, begins: str, ends: str) -> None:
    wish = read_wish(text, ZONE)
    assert (wish.begins, wish.ends) == tuple(datetime.fromisoformat(at).replace(tzinfo=ZONE) for at in (begins, ends))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "2026-11-25 teatime",
        "2026-11-25T16:00/13:00",
        "2026-11-29/2026-11-28",
        "9999-12-31",
        "/",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(WishUnreadable):
        read_wish(text, ZONE)


def test_what_is_offered_can_be_asked_for() -> None:
    slot = read_wish("2026-11-25T13:00/16:00", ZONE)
    elsewhere = AppointmentSlot(slot.begins.astimezone(ZoneInfo("UTC")), slot.ends.astimezone(ZoneInfo("UTC")))
    assert read_wish(write_slot(elsewhere, ZONE), ZONE) == slot
    assert show_slot(elsewhere, ZONE, "zh-CN") == "2026年11月25日（周三）13:00–16:00"
    assert show_slot(elsewhere, ZONE, "en") == "Wed 25 Nov 2026, 13:00–16:00"
