"""A telephone number is understood however a customer types or says it, and never guessed."""

import pytest

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, Case, said, wrong
from yizhan.dialogue.tasks.slots import kinds, phone
from yizhan.dialogue.tasks.slots.reading import Context, Found

READ = kinds.reader(kinds.PHONE, {})
MOBILE = "13812345678"

ASKED: list[Case] = [
    ("13812345678", MOBILE),
    ("138 1234 5678", MOBILE),
    ("138-1234-5678", MOBILE),
    ("138–1234–5678", MOBILE),
    ("138.1234.5678", MOBILE),
    ("138，1234，5678", MOBILE),
    ("138、1234、5678", MOBILE),
    ("138_1234_5678", MOBILE),
    ("138/1234/5678", MOBILE),
    ("138 12345678", MOBILE),
    ("1381234 5678", MOBILE),
    ("1 3 8 1 2 3 4 5 6 7 8", MOBILE),
    ("１３８１２３４５６７８", MOBILE),
    ("①③⑧①②③④⑤⑥⑦⑧", MOBILE),
    ("٠١٣٨١٢٣٤٥٦٧٨", MOBILE),
    ("+8613812345678", MOBILE),
    ("+86 138 1234 5678", MOBILE),
    ("+86-138-1234-5678", MOBILE),
    ("8613812345678", MOBILE),
    ("86 138 1234 5678", MOBILE),
    ("0086 13812345678", MOBILE),
    ("(+86)13812345678", MOBILE),
    ("（＋８６）１３８１２３４５６７８", MOBILE),
    ("013812345678", MOBILE),
    ("一三八一二三四五六七八", MOBILE),
    ("幺三八幺二三四五六七八", MOBILE),
    ("一三八，一二三四，五六七八", MOBILE),
    ("壹叁捌壹贰叁肆伍陆柒捌", MOBILE),
    ("138一二三四5678", MOBILE),
    ("1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", MOBILE),
    ("138\u200b1234\u200b5678", MOBILE),
    ("我的手机号是13812345678，谢谢", MOBILE),
    ("手機13812345678", MOBILE),
    ("tel:13812345678", MOBILE),
    ("phone13812345678", MOBILE),
    ("138\n1234\n5678", MOBILE),
    ("13812345678，就是13812345678", MOBILE),
    ("19912345678", "19912345678"),
    ("13812345678转1234", "13812345678-1234"),
    ("13812345678-1234", "13812345678-1234"),
    ("010-62345678", "010-62345678"),
    ("010 6234 5678", "010-62345678"),
    ("(010)62345678", "010-62345678"),
    ("（０１０）６２３４５６７８", "010-62345678"),
    ("01062345678", "010-62345678"),
    ("+86 10 62345678", "010-62345678"),
    ("0755-26012345", "0755-26012345"),
    ("0755-26012345转801", "0755-26012345-801"),
    ("0755-26012345-801", "0755-26012345-801"),
    ("0755-26012345 分机 801", "0755-26012345-801"),
    ("0571-8765432", "0571-8765432"),
    ("零二一六二三四五六七八", "021-62345678"),
    ("400-123-4567", "400-123-4567"),
    ("4001234567", "400-123-4567"),
    ("400 123 4567", "400-123-4567"),
    ("8001234567", "800-123-4567"),
    ("1381234567", "? too_short"),
    ("13812345", "? too_short"),
    ("138123456789", "? too_long"),
    ("138 1234 56789", "? too_long"),
    ("62345678", "? no_area_code"),
    ("6234567", "? no_area_code"),
    ("23812345678", "? shape"),
    ("12812345678", "? shape"),
    ("138****5678", "? masked"),
    ("138xxxx5678", "? masked"),
    ("13812345678或者13912345678", "? several"),
    ("+1 415 555 2671", "? foreign"),
    ("+852 9123 4567", "? foreign"),
    ("不想给", None),
    ("为什么要手机号", None),
    ("我没有手机", None),
    ("wx13812345678", None),
    ("13812345678@139.com", None),
    ("第2个", None),
    ("", None),
]  # fmt: skip

UNASKED: list[Case] = [
    ("我订单号是 20261103-88213，手机13812345678，想下周三下午来", MOBILE),
    ("13812345678", MOBILE),
    ("订单20261103 13812345678", MOBILE),
    ("20261103 138 1234 5678", MOBILE),
    ("打我座机010-62345678", "010-62345678"),
    ("手机号1381234567", "? too_short"),
    ("电话138123456789", "? too_long"),
    ("1381234567", None),
    ("01062345678", None),
    ("4001234567", None),
    ("62345678打不通", None),
    ("订单号20261103-88213", None),
    ("订单号 138123456789012", None),
    ("6212 3456 1381 2345 6789", None),
    ("A13812345678", None),
    ("138123456781381234567", None),
    ("价格1381元", None),
    ("2026年11月3日", None),
]


def test_an_asked_customer_is_understood() -> None:
    assert wrong(READ, ASKED, asked=True) == {}


def test_a_number_in_passing_is_taken_only_when_it_is_one() -> None:
    assert wrong(READ, UNASKED, asked=False) == {}


def test_where_the_business_wants_them_foreign_numbers_are_taken() -> None:
    read = kinds.reader(kinds.PHONE, {"foreign": True})
    assert (
        wrong(
            read, [("+1 415 555 2671", "+14155552671"), ("+85291234567", "+85291234567"), (MOBILE, MOBILE)], asked=True
        )
        == {}
    )


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("我的手机号是138-1234-5678，谢谢", "138-1234-5678"),
        ("电话（+86）138 1234 5678。", "（+86）138 1234 5678"),
        ("打0755-26012345转801找我", "0755-26012345转801"),
        ("是一三八一二三四五六七八哦", "一三八一二三四五六七八"),
    ],
)
def test_what_was_read_is_the_number_and_nothing_beside_it(text: str, stretch: str) -> None:
    assert said(READ, text) == stretch


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812345678", "138****5678"),
        ("13812345678转1234", "138****5678-1234"),
        ("010-62345678", "010-****5678"),
        ("0755-26012345转801", "0755-****2345-801"),
        ("400-123-4567", "400-***-4567"),
    ],
)
def test_what_is_read_back_hides_the_middle(text: str, shown: str) -> None:
    found = READ(text, Context(TUESDAY, asked=True))
    assert isinstance(found, Found)
    assert (found.shown, found.private) == (shown, True)


def test_a_foreign_number_is_hidden_too() -> None:
    assert phone.masked("+14155552671") == "+14*****2671"


def test_a_number_does_not_reach_a_log_by_way_of_repr() -> None:
    assert "1234" not in repr(READ("13812345678", Context(TUESDAY)))
