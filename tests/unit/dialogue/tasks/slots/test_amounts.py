"""Money and numbers of things, in digits, in characters, and as people say them."""

from tests.unit.dialogue.tasks.slots.cases import Case, wrong
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.numerals import whole

SUM = kinds.reader(kinds.AMOUNT, {})
COUNT = kinds.reader(kinds.NUMBER, {})

SUMS: list[Case] = [
    ("¥99.5", "99.50"), ("￥99.5", "99.50"), ("99.5元", "99.50"), ("99块5", "99.50"), ("99块5毛", "99.50"), ("九十九块五", "99.50"),
    ("一百二十元", "120.00"), ("一百二", "120.00"), ("一百零二块", "102.00"), ("120", "120.00"), ("RMB 120", "120.00"), ("120 yuan", "120.00"),
    ("人民币120", "120.00"), ("1.2万", "12000.00"), ("1万2", "12000.00"), ("一万二", "12000.00"), ("两千五", "2500.00"), ("3k", "3000.00"),
    ("12,000.50", "12000.50"), ("１２０元", "120.00"), ("五毛", "0.50"), ("一毛五", "0.15"), ("十块零五毛", "10.50"), ("2.5w", "25000.00"), ("100多块", "? vague"), ("100-200元", "? several"), ("一块钱", "1.00"), ("三块二", "3.20"), ("9块9毛9分", "9.99"),
    ("退我50块就行", "50.00"), ("壹佰贰拾元", "120.00"), ("120元，就是120块", "120.00"),
    ("负5元", "? too_small"), ("0元", "? too_small"), ("2亿元", None), ("999999999元", "? too_large"), ("$20", "? currency"), ("20美元", "? currency"),
    ("99元或者89元", "? several"), ("3件", None), ("第3", None), ("3月5号", None), ("50%", None), ("不知道", None), ("", None),
]  # fmt: skip

COUNTS: list[Case] = [
    ("两件", "2"), ("3个", "3"), ("三个", "3"), ("十二件", "12"), ("2", "2"), ("二", "2"), ("２", "2"), ("x2", "2"), ("*3", "3"), ("×3", "3"),
    ("一双", "1"), ("一打", "12"), ("two", "2"), ("我要俩", "2"), ("just one", "1"), ("3 pcs", "3"), ("three items", "3"), ("我要3件吧", "3"), ("共5位", "5"), ("就一个", "1"),
    ("两三件", "? vague"), ("三十多个", "? vague"), ("好几件", "? vague"), ("1.5件", "? not_whole"), ("半箱", "? not_whole"),
    ("0件", "? too_small"), ("-2", "? too_small"), ("10000件", "? too_large"), ("2件红色3件蓝色", "? several"),
    ("3个月", None), ("第二个", None), ("3天", None), ("很多话想说", None), ("", None),
]  # fmt: skip


def test_sums_of_money() -> None:
    assert wrong(SUM, SUMS, asked=True) == {}


def test_in_passing_only_what_is_called_money_is_a_sum() -> None:
    cases: list[Case] = [
        ("花了99.5元", "99.50"),
        ("退我50块", "50.00"),
        ("订单120123", None),
        ("120", None),
        ("三个", None),
        ("明天3点", None),
    ]
    assert wrong(SUM, cases, asked=False) == {}


def test_a_task_sets_limits_to_a_sum() -> None:
    read = kinds.reader(kinds.AMOUNT, {"least": 10, "most": "99.99"})
    assert wrong(read, [("10元", "10.00"), ("9.99元", "? too_small"), ("100元", "? too_large")], asked=True) == {}


def test_numbers_of_things() -> None:
    assert wrong(COUNT, COUNTS, asked=True) == {}


def test_in_passing_only_counted_things_are_a_number() -> None:
    cases: list[Case] = [
        ("买了两件", "2"), ("要3双", "3"), ("有一个问题", None), ("3个工作日", None), ("第二个", None), ("2", None),
        ("等了2个小时", None), ("13812345678", None), ("每个都坏了", None), ("99块钱", None),
    ]  # fmt: skip
    assert wrong(COUNT, cases, asked=False) == {}


def test_a_task_sets_limits_to_a_number() -> None:
    read = kinds.reader(kinds.NUMBER, {"least": 2, "most": 5})
    assert wrong(read, [("2", "2"), ("1", "? too_small"), ("6件", "? too_large")], asked=True) == {}


def test_numerals_say_their_numbers() -> None:
    said = {
        "零": 0, "十": 10, "十二": 12, "二十": 20, "二十一": 21, "廿三": 23, "一百": 100, "一百零五": 105, "一百二": 120, "一百一十": 110,
        "两百五": 250, "一千零一十": 1010, "两千五": 2500, "三千零五": 3005, "一万": 10000, "一万二": 12000, "1万2": 12000, "一万零二": 10002,
        "十二万": 120000, "二六": 26, "一二三": 123, "3百": 300, "12": 12, "壹佰贰拾": 120,
    }  # fmt: skip
    assert {text: whole(text) for text in said} == said
    none = ["", "百十千", "十百", "一一十", "两两", "abc", "一" * 30, "万万"]
    assert {text: whole(text) for text in none} == dict.fromkeys(none)
