"""Whatever a customer sends, reading it ends soon, points into the text, and shows nothing that must be hidden."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.dialogue.tasks.slots.cases import ZONE
from yizhan.dialogue.tasks import slots
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.cancel import TaskWords, leaving
from yizhan.dialogue.tasks.slots.correction import correction
from yizhan.dialogue.tasks.slots.filling import Wanted, fill
from yizhan.dialogue.tasks.slots.id_card import check_character
from yizhan.dialogue.tasks.slots.moments import moment
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Unclear
from yizhan.dialogue.tasks.slots.spelling import spell

KINDS = ("phone", "id_card", "order_number", "email", "amount", "number", "date", "appointment", "time", "name", "address", "yes_no", "choice", "text")  # fmt: skip
READERS = {kind: kinds.reader(kind, {}) for kind in KINDS}
OPTIONS = (Option("a", "质量问题", ("坏了",)), Option("b", "尺码不合适"))
PIECES = """
订单 号 是 不是 不对 改成 手机 电话 地址 身份证 20261103 88213 138 1234 5678 13812345678 010 62345678 400 +86 - — ( ) ， 。 . / : @ qq com
11010519491231002X 一 二 三 十 百 万 两 半 零 幺 年 月 日 号 周 星期 下 这 上 三 天 今天 明天 后天 上午 下午 晚上 点 刻 到 至 前 后 底 末 初
北京 浙江 省 市 区 县 镇 街道 路 弄 号 栋 室 文三 西湖 元 块 毛 ¥ 件 个 x * 第 个 选 都不是 好的 可以 不用 取消 算了 等一下 谢谢 吗 ？
tomorrow next wednesday dec 3rd at 3 pm am in days road district , no yes the second one my name is 😀 ① １ ٣ ﷺ İ ß
"""
SAID = st.lists(st.sampled_from(PIECES.split()) | st.just(" "), max_size=16).map("".join)
ANYTHING = st.text(st.characters(), max_size=60) | SAID  # characters() includes lone surrogates and every control
NOW = st.integers(0, 15 * 365 * 24).map(lambda passed: datetime(2020, 1, 1, tzinfo=ZONE) + timedelta(hours=passed))


@settings(max_examples=600, deadline=None)
@given(ANYTHING, NOW, st.booleans())
def test_every_reader_gives_an_answer_whose_span_lies_in_the_text(text: str, now: datetime, asked: bool) -> None:
    for kind, read in READERS.items():
        reading = read(text, Context(now, asked=asked, options=OPTIONS))
        if reading is None:
            continue
        assert 0 <= reading.span.start <= reading.span.end <= len(text), kind
        assert isinstance(reading, Unclear) or (reading.value and reading.shown), kind


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_corrections_leavings_and_several_slots_at_once(text: str) -> None:
    leaving(text, TaskWords(("预约",)))
    found = correction(text, kinds.HINTS)
    if found is not None:
        assert 0 <= found.span.start <= found.span.end <= len(text)
    wanted = [Wanted(kind, kind, read, OPTIONS) for kind, read in READERS.items()]
    filling = fill(text, wanted, "address", Context(datetime(2026, 11, 24, 10, tzinfo=ZONE)))
    spans = sorted((each.span.start, each.span.end) for each in filling.readings.values() if isinstance(each, Found))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans)), "one stretch was read twice"


@settings(max_examples=400, deadline=None)
@given(ANYTHING)
def test_both_spellings_have_the_same_length_and_know_their_places(text: str) -> None:
    spelled = spell(text)
    assert len(spelled.text) == len(spelled.plain) == len(spelled.places)
    assert list(spelled.places) == sorted(spelled.places)


@settings(max_examples=500, deadline=None)
@given(SAID, NOW)
def test_no_day_before_today_is_booked(text: str, now: datetime) -> None:
    for kind in ("date", "appointment"):
        reading = READERS[kind](text, Context(now, asked=True))
        if isinstance(reading, Found):
            assert moment(reading.value).day >= now.date(), text


@settings(max_examples=200, deadline=None)
@given(st.integers(13_000_000_000, 19_999_999_999), st.sampled_from(["{}", "手机{}", "+86{}", "是{}哦", "{}转1234"]))
def test_every_mobile_is_found_and_its_middle_hidden(number: int, frame: str) -> None:
    digits = str(number)
    found = READERS["phone"](frame.format(digits), Context(datetime(2026, 11, 24, tzinfo=ZONE), asked=True))
    assert isinstance(found, Found)
    assert found.value.startswith(digits)
    assert found.shown.startswith(f"{digits[:3]}****{digits[7:]}")


@settings(max_examples=200, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999), st.sampled_from(["110105", "440524", "810000"])
)
def test_every_valid_identity_number_is_found_and_one_wrong_place_is_noticed(
    born: date, order: int, region: str
) -> None:
    first = f"{region}{born:%Y%m%d}{order:03}"
    number = first + check_character(first)
    context = Context(datetime(2026, 11, 24, tzinfo=ZONE), asked=True)
    found = READERS["id_card"](number, context)
    assert isinstance(found, Found)
    assert found.shown == number[:6] + "********" + number[-4:]
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    assert isinstance(READERS["id_card"](wrong, context), Unclear)


@settings(max_examples=300, deadline=None)
@given(
    NOW,
    st.integers(0, 400),
    st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y%m%d}"]),
)
def test_every_coming_day_is_found_as_it_is_written(now: datetime, ahead: int, form: str) -> None:
    day = (now + timedelta(days=ahead)).date()
    found = READERS["date"](form.format(day), Context(now, asked=True))
    assert isinstance(found, Found)
    assert found.value == day.isoformat()


LONG = {
    "digits": "1" * 10_000,
    "groups of digits": "138 " * 2_500,
    "phones": "13812345678 " * 800,
    "months": "11月" * 3_300,
    "days": "3号到" * 3_300,
    "weekdays": "下周三" * 3_300,
    "hours": "下午3点到" * 2_000,
    "numerals": "一二三四五六七八九十" * 1_000,
    "districts": "浙江省杭州市西湖区" * 1_100,
    "roads": "文三路1号" * 2_000,
    "one long word": "国" * 10_000,
    "letters": "a" * 10_000,
    "letters and dots": "a." * 5_000,
    "at signs": "a@" * 5_000,
    "separators": "- " * 5_000,
    "sums": "1,000" * 2_000,
    "particles": "好" * 10_000,
    "not": "不是" * 5_000,
    "spaces": " " * 10_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("asked", [True, False])
def test_ten_thousand_characters_are_read_to_the_end(text: str, asked: bool) -> None:
    for read in READERS.values():
        read(text, Context(datetime(2026, 11, 24, 10, tzinfo=ZONE), asked=asked, options=OPTIONS))
    correction(text, kinds.HINTS)
    leaving(text, TaskWords(("预约",)))


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(slots.__path__):
        loaded = importlib.import_module(f"{slots.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            yield from ((f"{module.name}.{name}", pattern) for pattern in _compiled(value))


def _compiled(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _compiled(each)
    elif hasattr(value, "pattern") and isinstance(value.pattern, re.Pattern):
        yield value.pattern


PARSER: Any = importlib.import_module("re._parser")
CODE: Any = importlib.import_module("re._constants")


def _unbounded(tree: Any) -> bool:
    """Whether something is repeated without a bound in a way that may be tried again. Possessive repetitions never are."""
    for operation, argument in tree:
        if operation in (CODE.MAX_REPEAT, CODE.MIN_REPEAT) and (
            argument[1] == CODE.MAXREPEAT or _unbounded(argument[2])
        ):
            return True
        if operation is CODE.BRANCH:
            inner = argument[1]
        elif operation in (CODE.SUBPATTERN, CODE.ASSERT, CODE.ASSERT_NOT, CODE.POSSESSIVE_REPEAT):
            inner = [argument[-1]]
        else:
            inner = [argument] if operation is CODE.ATOMIC_GROUP else []
        if any(_unbounded(each) for each in inner):
            return True
    return False


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("a+", True), ("(?:a|b*)c", True), ("(?:(?:a{1,3})+){2}", True), ("a{1,9}b++", False), ("(?=a+)", True)],
)
def test_the_check_itself(pattern: str, found: bool) -> None:
    assert _unbounded(PARSER.parse(pattern)) == found


def test_no_rule_repeats_without_a_bound_what_it_might_have_to_try_again() -> None:
    patterns = dict(_patterns())
    assert len(patterns) > 60, "the rules are no longer found"
    assert [
        name for name, pattern in patterns.items() if _unbounded(PARSER.parse(pattern.pattern, pattern.flags))
    ] == []
