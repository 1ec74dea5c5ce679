"""An order number is found as customers type it, and nothing else is taken for one."""

import pytest

from tests.unit.dialogue.tasks.slots.cases import Case, said, wrong
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.number_shape import ShapeRefused, shape

ANY = kinds.reader(kinds.ORDER_NUMBER, {})
SHOP = kinds.reader(kinds.ORDER_NUMBER, {"shape": r"\d{8}-\d{5}|A\d{4}"})
NUMBER = "20261103-88213"

ASKED_ANY: list[Case] = [
    (NUMBER, NUMBER),
    ("20261103—88213", NUMBER),
    ("２０２６１１０３－８８２１３", NUMBER),
    ("ab123456", "AB123456"),
    ("AB-2026-0001", "AB-2026-0001"),
    ("ord_2026_0001", "ORD_2026_0001"),
    ("订单号：SF1234567890123", "SF1234567890123"),
    ("訂單號SF1234567890123", "SF1234567890123"),
    ("order number is AB123456 thanks", "AB123456"),
    ("order no. AB123456", "AB123456"),
    ("单号二零二六一一零三八八二一三", "2026110388213"),
    ("#123456", "123456"),
    ("123456", "123456"),
    ("123456这个订单", "123456"),
    ("20261103", "20261103"),
    ("订单123456789，手机13812345678", "123456789"),
    ("手机13812345678，订单123456789", "123456789"),
    ("123456789，13812345678", "123456789"),
    ("我11月3日下的，单号是AB123456", "AB123456"),
    ("2026 1103 8821 3", "2026110388213"),
    ("No.20261103001", "20261103001"),
    ("A1023", "? too_short"),
    ("1" * 33, "? too_long"),
    ("13812345678", "? looks_like_phone"),
    ("123456或者654321", "? several"),
    ("我不知道", None),
    ("2026-11-03买的", None),
    ("iphone15", None),
    ("abcdefgh", None),
    ("abc@123456.com", None),
    ("12", None),
    ("找不到订单号", None),
]  # fmt: skip

ASKED_SHOP: list[Case] = [
    (NUMBER, NUMBER),
    ("2026110388213", NUMBER),
    ("20261103 88213", NUMBER),
    ("20261103_88213", NUMBER),
    ("20261103.88213", NUMBER),
    ("20261103/88213", NUMBER),
    ("20261103 - 88213", NUMBER),
    ("订单20261103－88213", NUMBER),
    ("二零二六一一零三八八二一三", NUMBER),
    ("A1023", "A1023"),
    ("a1023", "A1023"),
    ("Ａ１０２３", "A1023"),
    ("A一零二三", "A1023"),
    ("是A1023吧", "A1023"),
    ("A1023和A1024", "? several"),
    ("A10234", "? shape"),
    ("B1023", "? shape"),
    ("20261103-8821", "? shape"),
    ("20261103", "? shape"),
    ("13812345678", "? looks_like_phone"),
    ("没有", None),
    ("昨天", None),
]

UNASKED: list[Case] = [
    ("我订单号是 20261103-88213，手机13812345678，想下周三下午来", NUMBER),
    ("订单A1023到哪了", "A1023"),
    ("A1023这个订单怎么还没发", "A1023"),
    ("order A1023 please", "A1023"),
    ("单号：A1023", "A1023"),
    ("2026110388213到哪了", NUMBER),
    ("A1023", None),
    ("A1023怎么还没到", None),
    ("13812345678", None),
    ("我昨天买的iphone15", None),
    ("2026年11月3日", None),
    ("订单什么时候发货", None),
]

UNASKED_ANY: list[Case] = [
    ("SF1234567890123到哪了", "SF1234567890123"),
    ("订单123456到哪了", "123456"),
    ("余额12345678", None),
    ("会员号1234567890", None),
    ("123456", None),
    ("20261103", None),
    ("13812345678", None),
    ("11010519491231002X", None),
    ("我的订单iphone15", None),
    ("http://example.com/12345678", None),
    ("12345678@qq.com", None),
    ("一共12件", None),
]


def test_without_a_shape_letters_and_digits_are_taken() -> None:
    assert wrong(ANY, ASKED_ANY, asked=True) == {}


def test_slips_in_a_known_shape_are_put_right() -> None:
    assert wrong(SHOP, ASKED_SHOP, asked=True) == {}


def test_in_passing_only_what_is_called_an_order_or_can_be_nothing_else_is_taken() -> None:
    assert wrong(SHOP, UNASKED, asked=False) == {}
    assert wrong(ANY, UNASKED_ANY, asked=False) == {}


def test_what_was_read_is_the_number_and_nothing_beside_it() -> None:
    assert said(SHOP, "订单 20261103 - 88213，谢谢") == "20261103 - 88213"


@pytest.mark.parametrize(
    "pattern",
    [r"(\d+)+", r"\d+", r"\d*", r"(?=a)b", r".*", r"\w{3}", r"[^a]", r"\d{8}--\d{5}", r"-\d{5}", r"\d{5}-", "", "a|", r"\d{5,99}",
     r"\d{5,3}", r"\d?\d?\d?\d?", r"\d{1,9}[A-Z]{0,3}\d{1,9}[0-9]{2,3}", "a" * 201, "订单\\d{5}"],
)  # fmt: skip
def test_a_pattern_that_could_run_long_is_refused_before_anyone_is_served_by_it(pattern: str) -> None:
    with pytest.raises(ShapeRefused):
        shape(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        (r"^[A-Z]{2}\d{6,10}$", "ab123456", "AB123456"),
        (r"SF\d{13}|JD[A-Z0-9]{10,13}", "jdva01234567890", "JDVA01234567890"),
        (r"\d{4}-[A-Z]?\d{4}", "2026 1234", "2026-1234"),
        (r"ORD#\d{4}", "ord 1234", "ORD#1234"),
        (r"SJ\d{6}|\d{14}", "我的sj 100001呢", "SJ100001"),
        (r"SJ\d{6}|\d{14}", "sj-100001", "SJ100001"),
        (r"SJ\d{6}", "sj 100001和sj100002", "SJ100001 SJ100002"),
        (r"SJ\d{6}", "sj  100001 sj/100001 sj 1000011 asj 100001", ""),
        (r"A\d{4}", "买了a 2026", ""),
        (r"[A-Z]{2}\d{6,10}", "ok 13800138000", ""),
    ],
)
def test_a_business_writes_its_shape_as_it_is_used_to(pattern: str, text: str, value: str) -> None:
    assert [found for found, _, _ in shape(pattern).places(text)] == value.split()


def test_settings_that_do_not_fit_are_refused_with_a_reason() -> None:
    for kind, settings, reason in [
        (kinds.ORDER_NUMBER, {"shape": r"\d+"}, "shape: "),
        (kinds.PHONE, {"foreign": "yes"}, "foreign is"),
        (kinds.PHONE, {"colour": True}, "no setting 'colour'"),
        (kinds.DATE, {"time": "sometimes"}, "time is one of"),
        (kinds.DATE, {"opens": 20, "closes": 8}, "opens and closes"),
        (kinds.AMOUNT, {"least": "much"}, "least is a sum"),
        (kinds.NUMBER, {"most": -1}, "most is a whole number"),
        ("shoe", {}, "no slots of kind"),
    ]:  # fmt: skip
        with pytest.raises(kinds.SettingsRefused, match=reason):
            kinds.reader(str(kind), settings)  # type: ignore[arg-type]
