"""A customer's own words find the entry; the same words always find the same."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import QUESTION_CHARS, build

SHOP = (
    Entry("ship", "什么时候发货", ("多久能发货", "几天寄出"), "付款后48小时内发货。"),
    Entry("fee", "运费是多少", ("包邮吗", "快递费怎么算"), "满99元包邮，不满收8元。"),
    Entry("return", "怎么申请退货", ("退货流程",), "在我的订单里点申请售后。"),
    Entry("refund", "退款多久到账", ("钱什么时候退回来",), "1到3个工作日到账。"),
    Entry("en", "How can I cancel my order?", ("I want to cancel",), "Open My Orders and tap Cancel."),
)
SMALL = build(SHOP)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("什么时候发货", "ship"),
        ("请问什麼時候發貨呢？", "ship"),
        ("包邮吗", "fee"),
        ("退货流程", "return"),
        ("how can i cancel my order", "en"),
    ],
)
def test_a_phrasing_asked_literally_is_certain(question: str, entry: str) -> None:
    best, *others = SMALL.match(question)
    assert (best.entry_id, best.score) == (entry, 1.0)
    assert all(other.score < 1.0 for other in others)


@pytest.mark.parametrize(
    ("question", "entry", "matched"),
    [
        ("我买的东西啥时候发货呀", "ship", "什么时候发货"),
        ("快递费多少钱", "fee", "快递费怎么算"),
        ("想退货怎么操作", "return", "怎么申请退货"),
        ("退的钱多久能到账", "refund", "退款多久到账"),
        ("can you cancel the order", "en", "How can I cancel my order?"),
    ],
)
def test_own_words_find_the_entry_and_show_the_phrasing_they_are_like(question: str, entry: str, matched: str) -> None:
    best = SMALL.match(question)[0]
    assert (best.entry_id, best.matched) == (entry, matched)
    assert 0.0 < best.score < 1.0


@pytest.mark.parametrize("question", ["", "   ", "？？？", "😀", "zzz qqq", "你们", "啊"])
def test_a_question_that_shares_nothing_finds_nothing(question: str) -> None:
    assert list(SMALL.match(question)) == []


def test_candidates_are_best_first_and_no_more_than_asked_for() -> None:
    candidates = SMALL.match("退货退款什么时候到账", limit=2)
    assert len(candidates) == 2
    assert candidates[0].score >= candidates[1].score


def test_an_empty_knowledge_finds_nothing() -> None:
    assert list(build([]).match("什么时候发货")) == []


def test_a_knowledge_whose_phrasings_are_all_function_words_still_answers_them_literally() -> None:
    matcher = build([Entry("a", "你们是不是", (), "是的")])
    assert [candidate.entry_id for candidate in matcher.match("你们是不是？")] == ["a"]
    assert list(matcher.match("什么时候发货")) == []


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    assert SMALL.match("什么时候发货" + "！" * 100_000)[0].entry_id == "ship"
    assert list(SMALL.match("zzz" * QUESTION_CHARS + "什么时候发货")) == []


_WORDS = ["发货", "退款", "运费", "什么", "时候", "我", "的", "?", "cancel", " order", "多久", "在吗"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_WORDS)).map("".join))
def test_scores_are_probabilities_and_repeatable(question: str) -> None:
    candidates = SMALL.match(question)
    assert all(0.0 <= candidate.score <= 1.0 for candidate in candidates)
    assert len({candidate.entry_id for candidate in candidates}) == len(candidates)
    assert list(candidates) == list(SMALL.match(question)) == list(build(SHOP).match(question))


_PROGRAM = """
from tests.unit.dialogue.knowledge import faq
for case in faq.cases("held_out.csv")[::7]:
    print([(c.entry_id, c.score, c.matched) for c in faq.matcher().match(case.question)])
"""


def test_another_process_gives_the_same_candidates_and_prints_nothing_of_its_own() -> None:
    def run(seed: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return subprocess.run(
            [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=True
        )

    one, other = run("1"), run("2")
    assert one.stdout == other.stdout
    assert len(one.stdout.splitlines()) == len(faq.cases("held_out.csv")[::7])
    assert one.stderr == ""
