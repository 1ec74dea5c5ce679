"""What was typed by ear is read as it was meant, and what was typed as meant is left alone."""

import csv
from functools import cache
from pathlib import Path

import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.index.respelling import Respelling, respelling
from yizhan.dialogue.knowledge.index.trained import read_entries
from yizhan.dialogue.knowledge.normalise import normalise

DEV = Path(__file__).parents[4] / "knowledge" / "heldout" / "dev.csv"
BY_EAR = {"typo", "pinyin", "noise"}


@cache
def shop() -> Respelling:
    return read_entries(faq.entries()).respelling


@cache
def ordinary() -> tuple[str, ...]:
    """Customers' sentences that were not typed by ear, normalised."""
    with DEV.open(encoding="utf-8", newline="") as file:
        return tuple(normalise(row["text"]) for row in csv.DictReader(file) if not BY_EAR & set(row["tags"].split("|")))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zenme tuihuo", "怎么退货"),
        ("wo yao tuikuan", "我要退款"),
        ("kuaidi dao nali le", "快递到哪里了"),
        ("xiugai dizhi", "修改地址"),
        ("我要tuihuo", "我要退货"),
        ("ZENME TUIHUO", "怎么退货"),
        ("tuihuo zenme shenqing", "退货怎么申请"),
    ],
)
def test_pinyin_is_read_as_the_words_of_the_shop(typed: str, meant: str) -> None:
    assert shop().read(normalise(typed)) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("运废多少钱", "运费多少钱"),
        ("登路不了", "登录不了"),
    ],
)
def test_homophones_are_read_as_the_words_of_the_shop(typed: str, meant: str) -> None:
    assert shop().read(normalise(typed)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "how to refund",
        "track my order",
        "i want to cancel",
        "iphone怎么退货",
        "app打不开",
        "qq",
        "vip",
        "我要退货",
        "发票怎么开",
        "",
        "12345",
        "na",
    ],
)
def test_what_may_be_meant_as_it_stands_is_left_alone(text: str) -> None:
    assert shop().read(text) == text


@pytest.mark.parametrize(
    "sentence",
    [
        "手滑拍了两单其中一单还没发咋撤掉",
        "我妈说家里有了不用买了刚付的款怎么撤回",
        "撤单",
        "下错单了想取消",
        "收件人手机少打了一位数咋整",
        "改地址",
        "拍了白色其实想要青色还没寄还能调",
        "一米五的床买成一米八的了刚拍的能给我换不",
        "刚下完第1单又下了第2单能拼一个快递走",
        "订单挂着不付最晚能拖到几点",
        "给老婆买的惊喜怕她翻我手机看到记录能弄掉不",
        "晒图有积分拿吗从哪个口子写",
        "想补一条评论上回只打了星",
        "我订的那个新茶显示预售到底哪天寄",
        "付完定金了下一笔钱去哪交",
        "又卖光了蹲了一个礼拜了几时能再上",
        "送领导的能包得体面点",
        "我只有建行储蓄卡能结账不",
        "可不可以用信用卡付款",
        "credit card可以pay",
        "点付款就转圈圈转半天说系统繁忙",
        "扣两次钱",
        "想让我对象掏钱链接咋发给他",
        "代付",
        "卡号输进去会不会被你们存下来啊怕被盗刷",
        "今儿拍明儿能给寄出来不",
        "我的order什么时候ship",
        "催发货",
        "我那个壶到哪嘎达了",
        "有没有tracking number",
        "在武汉中转站趴了5天窝了",
        "已经结算了还能upgrade成sf",
        "寄到沈阳得几天",
        "杭州发上海明朝能到伐",
    ],
)
def test_a_customers_own_words_dialect_and_english_are_left_as_they_are(sentence: str) -> None:
    assert sentence in ordinary()
    assert shop().read(sentence) == sentence


def test_hundreds_of_ordinary_sentences_are_left_as_they_are() -> None:
    """Some are not: a single character between words may be taken for half of a word of the shop (塞句话, 菊花)."""
    changed = {text: read for text in ordinary() if (read := shop().read(text)) != text}
    assert len(ordinary()) >= 300
    assert len(changed) / len(ordinary()) <= 0.04, changed


def test_english_sentences_are_never_taken_for_pinyin() -> None:
    with DEV.open(encoding="utf-8", newline="") as file:
        english = [normalise(row["text"]) for row in csv.DictReader(file) if "english" in row["tags"].split("|")]
    assert len(english) >= 10
    assert [text for text in english if shop().read(text) != text] == []


def test_hardly_anything_that_the_shop_itself_writes_is_read_otherwise() -> None:
    """What is (在哪写, 哪些) is still answered: literal questions are looked up before they are read."""
    texts = read_entries(faq.entries())
    written = [question.text for own in texts.asked for question in own] + [answer.text for answer in texts.told]
    changed = [text for text in written if shop().read(text) != text]
    assert len(changed) / len(written) <= 0.02, changed


def test_only_words_that_the_knowledge_has_are_read_into_a_question() -> None:
    tea = respelling([normalise("茶叶怎么泡")])
    assert tea.read("chaye zenme pao") == "茶叶怎么泡"
    assert tea.read("zenme tuihuo") == "怎么"
    assert tea.read("fapiao") == "fapiao"
    assert tea.read("差页怎么泡") == "茶叶怎么泡"
    assert tea.read("差页怎么退或") == "茶叶怎么退或"


def test_of_two_words_with_one_sound_the_commoner_one_is_meant() -> None:
    texts = ["运费", "运费", "云飞"]
    assert respelling(texts).read("yunfei") == "运费"
    assert respelling(reversed(texts)).read("yunfei") == "运费"


def test_without_any_knowledge_nothing_is_read_otherwise() -> None:
    assert respelling([]).read("zenme tuihuo 运废") == "zenme tuihuo 运废"
