"""Which misses are one question: like wordings in one group, unlike ones apart, whatever their number."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.dialogue.misses import grouping as g
from yizhan.dialogue.misses.alike import alike
from yizhan.dialogue.misses.grouping import Grouping, Joined, Leader, Place, Ungrouped, normalised
from yizhan.dialogue.misses.miss import key_of

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

ONE_QUESTION = [
    (
        "special invoices in ten wordings",
        [
            "可以开专票吗",
            "请问你们能不能开专票啊",
            "我想开专票",
            "专票可以开吗?",
            "开專票可以嗎",
            "能给开个专票不",
            "你好，专票能开吗谢谢",
            "可不可以开专票",
            "专票能不能开呀",
            "专票能开不",
        ],
    ),
    ("how to be refunded", ["退款怎么弄", "怎么退款", "如何申请退款", "退款要怎么操作"]),
    ("when the refund arrives", ["退款什么时候到账", "退款多久到账", "退款几天能到账"]),
    ("delivery to the door", ["可以送货上门吗", "能送上门吗"]),
    ("a typing slip", ["how do i change my delivery adress", "how do i change my delivery address"]),
    ("in English", ["how do i get a refund", "how can i be refunded"]),
]

TWO_QUESTIONS = [
    ("refund: how, and when", "退款怎么弄", "退款什么时候到"),
    ("refund and return", "怎么退款", "怎么退货"),
    ("when it is sent, whether it is sent abroad", "什么时候发货", "发货到加拿大吗"),
    ("opening hours and shipping times", "几点营业", "几点发货"),
    ("in English: how, and when", "how do i get a refund", "when will i get my refund"),
    ("changing the address, changing the phone number", "怎么修改收货地址", "怎么修改手机号码"),
]


def misses(texts: Sequence[str | None], start: int = 0) -> list[Ungrouped]:
    return [
        Ungrouped(f"m{number}", key_of(normalised(text or "")) if text else f"gone-{number}", _at(number), text)
        for number, text in enumerate(texts, start=start)
    ]


def _at(number: int) -> datetime:
    return NOON + timedelta(seconds=number)


def fresh() -> Grouping:
    ids = itertools.count(1)
    return Grouping(lambda: f"g{next(ids)}")


def groups_of(joined: Joined) -> list[str]:
    return [one.group_id for one in joined.places]


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in ONE_QUESTION])
def test_the_same_question_is_one_group_however_it_is_worded(texts: list[str]) -> None:
    assert set(groups_of(fresh().join(misses(texts)))) == {"g1"}


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=name) for name, a, b in TWO_QUESTIONS])
def test_different_questions_are_two_groups(one: str, other: str) -> None:
    assert not alike(normalised(one), normalised(other))
    assert groups_of(fresh().join(misses([one, other]))) == ["g1", "g2"]


def test_a_bare_word_does_not_draw_how_and_when_into_one_group() -> None:
    joined = fresh().join(misses(["退款", "退款怎么弄", "退款什么时候到", "怎么退款", "退款多久到"]))
    how, when = groups_of(joined)[1], groups_of(joined)[2]
    assert how != when
    assert groups_of(joined)[3:] == [how, when]


def test_grouping_in_portions_gives_what_grouping_at_once_gives() -> None:
    texts = [text for _, wordings in ONE_QUESTION for text in wordings]
    at_once = groups_of(fresh().join(misses(texts)))
    portions = fresh()
    found = [
        group
        for start in range(0, len(texts), 3)
        for group in groups_of(portions.join(misses(texts[start : start + 3], start)))
    ]
    assert found == at_once == groups_of(fresh().join(misses(texts)))


def test_what_was_grouped_before_a_restart_is_found_again() -> None:
    before = fresh()
    first = misses(["可以开专票吗", "怎么退款", "支持货到付款吗"])
    joined = before.join(first)
    leaders = [
        Leader(place.group_id, miss.key, miss.text or "", miss.at)
        for miss, place in zip(first, joined.places, strict=True)
        if place.leads
    ]
    after = Grouping.of(leaders, lambda: "new")
    again = after.join(misses(["专票能不能开", "如何退款呢", "能货到付款吗", "有没有门店"], start=10))
    assert groups_of(again) == ["g1", "g2", "g3", "new"]
    assert set(again.made) == {"new"}
    assert again.touched == {"g1": _at(10), "g2": _at(11), "g3": _at(12)}


def test_a_miss_whose_words_are_gone_is_a_group_of_its_own_and_leads_nobody() -> None:
    joined = fresh().join(misses([None, "可以开专票吗", None]))
    assert groups_of(joined) == ["g1", "g2", "g3"]
    assert [place.leads for place in joined.places] == [False, True, False]


def test_a_group_is_compared_with_by_few_wordings() -> None:
    grouping = fresh()
    grouping.join(misses(ONE_QUESTION[0][1] * 3))
    assert grouping.leaders == g.MOST_LEADERS


def test_the_same_words_are_one_wording_however_often_they_come() -> None:
    grouping = fresh()
    joined = grouping.join(misses(["可以开专票吗"] * 500))
    assert (set(groups_of(joined)), grouping.leaders) == ({"g1"}, 1)


def test_twenty_thousand_misses_are_grouped_with_bounded_lists() -> None:
    """Two hundred goods, each asked about in four ways, by customers with numbers of their own."""
    goods = [
        f"{first}{second}" for first in "红橙黄绿青蓝紫黑白灰" for second in "鞋帽裙裤袜杯碗锅盆桌椅床灯镜表笔包伞扇枕"
    ]
    ways = ["{}什么时候补货", "{}几时有货", "{}怎么清洗", "how do i wash the {}"]
    texts = [ways[number % 4].format(goods[number // 4 % len(goods)]) for number in range(20_000)]
    grouping = fresh()
    known: dict[str, str] = {}
    places: list[Place] = []
    for start in range(0, len(texts), 500):
        portion = misses(texts[start : start + 500], start)
        portion = [replace(miss, known=known.get(miss.key)) for miss in portion]  # as the store tells it
        joined = grouping.join(portion).places
        known |= {miss.key: place.group_id for miss, place in zip(portion, joined, strict=True)}
        places += joined
    assert len(places) == 20_000
    groups = {place.group_id for place in places}
    assert len(groups) <= len(goods) * len(ways)
    assert grouping.leaders <= g.MOST_LEADERS * len(groups)
    assert grouping.longest_block <= g.CROWD
    by_text: dict[str, set[str]] = {}
    for text, place in zip(texts, places, strict=True):
        by_text.setdefault(text, set()).add(place.group_id)
    assert all(len(found) == 1 for found in by_text.values())


def test_more_groups_than_take_new_misses_are_read_anew() -> None:
    grouping = fresh()
    grouping.join([Ungrouped(f"m{number}", f"k{number}", _at(number), None) for number in range(2 * g.MOST_GROUPS)])
    assert not grouping.full
    grouping.join(misses(["可以开专票吗"], start=1))
    assert grouping.full
