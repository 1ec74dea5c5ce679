"""What speaks for an entry does not depend on where it stands, and stays within its bounds."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.evidence import SHORTLIST, SIGNS, Considered, consider
from yizhan.dialogue.knowledge.index.learner import learner
from yizhan.dialogue.knowledge.index.question import read
from yizhan.dialogue.knowledge.index.sources import Sources, labels_of, sources
from yizhan.dialogue.knowledge.index.space import build
from yizhan.dialogue.knowledge.index.trained import read_entries

SHARES = tuple(sign for sign in SIGNS if sign not in ("share", "votes"))
"""Signs that are 0 to 1."""


def sourced(entries: Sequence[Entry]) -> Sources:
    texts = read_entries(entries)
    _, labels = labels_of(texts.asked)
    space = build([question.features for own in texts.asked for question in own])
    return sources(texts.asked, texts.told, learner(space, len(entries)).votes(labels, len(entries)))


@cache
def shop() -> Sources:
    return sourced(faq.entries()[:60])


@cache
def shop_backwards() -> Sources:
    return sourced(faq.entries()[:60][::-1])


def questions() -> list[str]:
    return [case.question for name in ("held_out.csv", "in_scope.csv") for case in faq.cases(name)][::3]


def sign(considered: Considered, entry: int, name: str) -> float:
    return float(considered.signs[considered.entries.index(entry), SIGNS.index(name)])


def test_signs_are_shares_and_log_shares() -> None:
    for question in questions():
        found = consider(shop(), read(question))
        assert found.signs.shape == (len(found.entries), len(SIGNS))
        assert np.isfinite(found.signs).all()
        assert (found.signs[:, SIGNS.index("share")] <= 1e-6).all()
        assert (found.signs[:, SIGNS.index("share")] >= -12.0).all()
        for name in SHARES:
            column = found.signs[:, SIGNS.index(name)]
            assert (column >= 0.0).all(), (question, name)
            assert (column <= 1.0 + 1e-5).all(), (question, name)
        assert -0.8 <= found.known <= 0.2 + 1e-9
        assert 0.0 <= found.strange <= 1.0
        assert found.length >= 0


def test_what_speaks_for_an_entry_is_the_same_wherever_it_stands_in_the_file() -> None:
    last = len(faq.entries()[:60]) - 1
    for question in questions():
        one, other = consider(shop(), read(question)), consider(shop_backwards(), read(question))
        shared = [entry for entry in one.entries if last - entry in other.entries]
        # The last places of the shortlist may go to others of the same score.
        assert len(shared) >= min(SHORTLIST, len(one.entries)) - 1, question
        for entry in shared:
            here = one.signs[one.entries.index(entry)]
            there = other.signs[other.entries.index(last - entry)]
            assert here == pytest.approx(there, abs=0.02), (question, entry)
        assert (one.known, one.length) == (other.known, other.length)


def test_a_phrasing_of_an_entry_is_near_it_in_every_way() -> None:
    for place, entry in enumerate(faq.entries()[:60]):
        found = consider(shop(), read(entry.question))
        assert place in found.entries, entry.question
        for name in ("near", "spelling", "words", "pieces"):
            if len(read(entry.question).features.views[0]):
                assert sign(found, place, name) == pytest.approx(1.0, abs=1e-4), (entry.question, name)
        assert sign(found, place, "share") == max(found.signs[:, SIGNS.index("share")])


def test_the_nearest_phrasing_is_one_of_the_entrys_own() -> None:
    for question in questions():
        found = consider(shop(), read(question))
        for entry, row in zip(found.entries, found.nearest, strict=True):
            assert shop().labels[row] == entry


def test_no_entry_is_considered_twice_nor_more_than_are_shown() -> None:
    for question in questions():
        found = consider(shop(), read(question))
        assert len(set(found.entries)) == len(found.entries)
        assert len(found.entries) <= 2 * SHORTLIST
        assert len(found.nearest) == len(found.entries)


@pytest.mark.parametrize("question", ["", "？", "啊", "😀", "zzzz qqqq"])
def test_a_question_that_shares_nothing_with_the_shop_brings_no_entry_into_question(question: str) -> None:
    assert consider(shop(), read(question)).entries == ()


def test_entries_that_share_nothing_but_a_character_are_not_near() -> None:
    found = consider(shop(), read("的吗呢"))
    assert all(sign(found, entry, "near") < 0.5 for entry in found.entries)


def test_a_phrasing_inside_a_long_story_is_noticed() -> None:
    story = (
        "我妈上个月在你们店买的东西她说颜色不喜欢想问问" + "怎么申请退货" + "另外她年纪大了不太会用手机麻烦说简单一点"
    )
    entries = (Entry("a", "怎么申请退货", (), "。"), Entry("b", "怎么申请发票", (), "。"))
    found = consider(sourced(entries), read(story))
    assert sign(found, 0, "within") == pytest.approx(1.0)
    assert sign(found, 1, "within") < 1.0


def test_an_answer_that_speaks_of_what_is_asked_speaks_for_its_entry() -> None:
    entries = (Entry("a", "怎么联系你们", (), "客服电话每天九点开通。"), Entry("b", "怎么找到你们", (), "在青莲街。"))
    found = consider(sourced(entries), read("你们怎么客服电话"))
    assert sign(found, 0, "told") > sign(found, 1, "told")


@pytest.mark.parametrize(
    ("question", "strange"),
    [
        ("电脑坏了", True),
        ("洗衣机漏水怎么办", True),
        ("快递坏了", False),
        ("发货用洗衣机吗", False),
        ("my computer does not start", False),
        ("", False),
    ],
)
def test_what_a_chinese_question_speaks_of_first_is_strange_where_nothing_speaks_of_it(
    question: str, strange: bool
) -> None:
    assert (consider(shop(), read(question)).strange > 0.0) is strange


def test_a_strange_word_counts_for_less_the_more_is_asked() -> None:
    short, long = (consider(shop(), read(text)).strange for text in ("电脑坏了", "电脑坏了，快递赔偿运费吗"))
    assert 0.0 < long < short


def test_how_much_is_known_of_a_question_counts_in_chinese_only() -> None:
    known, unknown = (consider(shop(), read(text)).known for text in ("快递发货", "宇宙飞船登陆火星"))
    assert unknown < 0.0 < known
    assert consider(shop(), read("spaceships landing on mars")).known == 0.0
