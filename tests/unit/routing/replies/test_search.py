"""An agent types a few letters and finds the words that they mean, always in the same order."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from yizhan.routing.replies.reply import SHARED, CannedReply
from yizhan.routing.replies.search import search
from yizhan.routing.replies.sounds import begins_with_initials, begins_with_syllables


def reply(
    id: str, title: str, text: str = "好的", shortcut: str = "", *, folder: str = "", owner: str = SHARED, uses: int = 0
) -> CannedReply:
    return CannedReply(id, "shop", owner, title, text, shortcut, folder, uses=uses)


DESK = (
    reply("refund", "退款到账时间", "退款 1–3 个工作日原路退回", "/退款", folder="售后", uses=5),
    reply("return", "怎么申请退货", "请在订单页点申请售后", "/th", folder="售后"),
    reply("ship", "什么时候发货", "付款后 48 小时内发货", "/fh", folder="物流"),
    reply("again", "重新发货", "我们为您重新寄出一件", folder="物流"),
    reply("invoice", "电子发票", "发票已发送到您的邮箱", "/发票", folder="财务"),
    reply("hello", "Greeting", "Hello, how can I help with your refund?", "/hi"),
    reply("bye", "结束语", "感谢您的咨询，祝您生活愉快"),
)


def ids(query: str, *, language: str = "", limit: int = 10, among: tuple[CannedReply, ...] = DESK) -> list[str]:
    return [one.id for one in search(among, query, language=language, limit=limit)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("/退款", ["refund"], id="a shortcut"),
        pytest.param("/退", ["refund"], id="the beginning of a shortcut"),
        pytest.param("/tk", ["refund"], id="the first letters of a shortcut's Chinese"),
        pytest.param("/tuik", ["refund"], id="a shortcut's Chinese as it sounds"),
        pytest.param("/f", ["ship", "invoice"], id="a shortcut as typed comes before one as it sounds"),
        pytest.param("/x", [], id="no shortcut"),
        pytest.param("th", ["return", "hello"], id="a shortcut without its slash, before a text that has the letters"),
        pytest.param("电子发票", ["invoice"], id="a title"),
        pytest.param("发货", ["ship", "again"], id="inside titles, by title among equals"),
        pytest.param("tkdz", ["refund"], id="the first letters of a title"),
        pytest.param("fahuo", ["ship", "again"], id="syllables inside a title"),
        pytest.param("cxfh", ["again"], id="a character that is read in two ways: chóng"),
        pytest.param("zxfh", ["again"], id="and zhòng"),
        pytest.param("财务", ["invoice"], id="a folder"),
        pytest.param("邮箱", ["invoice"], id="words of the text"),
        pytest.param("ＧＲＥＥＴＩＮＧ", ["hello"], id="capitals of full width"),
        pytest.param("售后 退货", ["return"], id="several words: all of them"),
        pytest.param("退款多久到账", ["refund"], id="a question: most of its words"),
        pytest.param("申请退款多久到账", ["refund", "return"], id="a question with words of two"),
        pytest.param("怎么申请退款", ["return", "refund"], id="more of the words comes first"),
        pytest.param("refund", ["hello"], id="an English word of the text"),
        pytest.param("飞机", [], id="nothing like it"),
        pytest.param("?!", [], id="no word at all"),
    ],
)
def test_what_is_found(query: str, found: list[str]) -> None:
    assert ids(query) == found


def test_nothing_typed_gives_what_is_used_most() -> None:
    assert ids("", limit=2) == ["refund", "hello"]


def test_among_equals_the_customers_language_and_ones_own_come_first() -> None:
    among = (
        replace(reply("a", "问候"), language="en"),
        replace(reply("b", "问候", uses=9), language="zh"),
        replace(reply("c", "问候", owner="me"), language="zh"),
        reply("d", "问候", uses=3),
    )
    assert ids("问候", language="zh", among=among) == ["c", "b", "d", "a"]
    assert ids("问候", language="en", among=among) == ["d", "a", "c", "b"]


def test_the_order_does_not_depend_on_the_order_of_the_rows() -> None:
    shuffled = list(DESK)
    for seed in range(20):
        random.Random(seed).shuffle(shuffled)
        for query in ("发货", "", "f", "售后", "/f"):
            assert ids(query, among=tuple(shuffled)) == ids(query)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_answered(query: str) -> None:
    found = ids(query)
    assert len(found) == len(set(found))
    assert set(found) <= {one.id for one in DESK}


@pytest.mark.parametrize("one", DESK, ids=lambda one: one.id)
def test_every_reply_is_found_by_its_own_title_first(one: CannedReply) -> None:
    assert ids(one.title)[0] == one.id


@pytest.mark.parametrize(
    ("letters", "word", "initials", "syllables"),
    [
        pytest.param("yh", "银行", True, False, id="first letters"),
        pytest.param("yinh", "银行", False, True, id="an unfinished syllable"),
        pytest.param("yinhang", "银行", False, True, id="one of several readings"),
        pytest.param("yinxing", "银行", False, True, id="another reading"),
        pytest.param("yhx", "银行", False, False, id="more letters than characters"),
        pytest.param("a4", "A4纸", True, True, id="letters and digits are read as they are"),
    ],
)
def test_how_chinese_is_typed(letters: str, word: str, initials: bool, syllables: bool) -> None:
    assert (begins_with_initials(letters, word), begins_with_syllables(letters, word)) == (initials, syllables)
