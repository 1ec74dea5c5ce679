"""A customer gets the wording for the channel that they write on, and no answer that is not valid yet or any more."""

from datetime import date

import pytest

from yizhan.dialogue.knowledge.entry import CHANNELS, Entry, Variant

ENTRY = Entry(
    "a", "怎么退货", ("退货流程",), "可以退", variants=(Variant("wechat", "亲，可以退"), Variant("email", "您好"))
)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 11)


def test_each_channel_gets_its_own_wording_and_the_others_get_the_answer() -> None:
    assert {channel: ENTRY.answer_for(channel) for channel in CHANNELS} == {
        "website": "可以退",
        "app": "可以退",
        "wechat": "亲，可以退",
        "ecommerce": "可以退",
        "email": "您好",
    }
    assert ENTRY.texts == ("可以退", "亲，可以退", "您好")


@pytest.mark.parametrize(
    ("first", "last", "day", "valid"),
    [
        (None, None, date(1, 1, 1), True),
        (FIRST, LAST, date(2026, 10, 31), False),
        (FIRST, LAST, FIRST, True),
        (FIRST, LAST, LAST, True),
        (FIRST, LAST, date(2026, 11, 12), False),
        (FIRST, None, date(9999, 12, 31), True),
        (None, LAST, date(1, 1, 1), True),
        (FIRST, FIRST, FIRST, True),
    ],
)
def test_an_entry_answers_from_its_first_to_its_last_day(
    first: date | None, last: date | None, day: date, valid: bool
) -> None:
    assert Entry("a", "怎么退货", (), "可以退", valid_from=first, valid_until=last).valid_on(day) is valid
