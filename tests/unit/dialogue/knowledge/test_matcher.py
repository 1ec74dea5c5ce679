"""A customer's own words find the entry; the same words always find the same."""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.question import QUESTION_CHARS
from yizhan.dialogue.knowledge.matcher import Matcher

SHOP = (
    Entry("ship", "什么时候发货", ("多久能发货", "几天寄出"), "付款后48小时内发货。"),
    Entry("fee", "运费是多少", ("包邮吗", "快递费怎么算"), "满99元包邮，不满收8元。"),
    Entry("return", "怎么申请退货", ("退货流程",), "在我的订单里点申请售后。"),
    Entry("refund", "退款多久到账", ("钱什么时候退回来",), "1到3个工作日到账。"),
    Entry("en", "How can I cancel my order?", ("I want to cancel",), "Open My Orders and tap Cancel."),
)


def trained(entries: Sequence[Entry]) -> Matcher:
    return engine.open_index(engine.train(entries, 0.95).data, entries)


SMALL = trained(SHOP)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("什么时候发货", "ship"),
        ("请问什么時候發貨呢？", "ship"),
        ("包邮吗", "fee"),
        ("退货流程", "return"),
        ("how can i cancel my order", "en"),
    ],
)
def test_a_phrasing_asked_literally_is_certain(question: str, entry: str) -> None:
    best, *others = SMALL.match(question)
    assert (best.entry_id, best.score) == (entry, 1.0)
    assert all(other.score < 1.0 for other in others)


def test_a_literal_phrasing_is_certain_even_where_another_entry_is_said_almost_the_same() -> None:
    near = (Entry("in", "退货到账时间", (), "3天。"), Entry("out", "退款到账时间", (), "5天。"))
    matcher = trained(near)
    assert [(c.entry_id, c.score) for c in matcher.match("退款到账时间")[:1]] == [("out", 1.0)]
    assert [(c.entry_id, c.score) for c in matcher.match("退货到账时间")[:1]] == [("in", 1.0)]


def test_a_phrasing_that_two_entries_have_is_the_first_ones_and_told_so() -> None:
    matcher = trained((Entry("b", "怎么退货", (), "甲"), Entry("a", "怎么退货？", (), "乙")))
    best, other = matcher.match("怎么退货")
    assert (best.entry_id, best.score, best.matched) == ("b", 1.0, "怎么退货")
    assert (other.entry_id, other.score < 1.0) == ("a", True)


@pytest.mark.parametrize(
    ("question", "entry", "matched"),
    [
        ("我买的东西啥时候发货呀", "ship", "什么时候发货"),
        ("快递费多少钱", "fee", "快递费怎么算"),
        ("想退货怎么操作", "return", "怎么申请退货"),
        ("退的钱多久能到账", "refund", "退款多久到账"),
        ("can you cancel the order", "en", "How can I cancel my order?"),
        ("shenme shihou fahuo", "ship", "什么时候发货"),
        ("运废是多少", "fee", "运费是多少"),
        ("退貨流程係點㗎", "return", "退货流程"),
    ],
)
def test_own_words_find_the_entry_and_show_the_phrasing_they_are_like(question: str, entry: str, matched: str) -> None:
    best = SMALL.match(question)[0]
    assert (best.entry_id, best.matched) == (entry, matched)
    assert 0.0 < best.score < 1.0


@pytest.mark.parametrize("question", ["", "   ", "？？？", "😀", "zzz qqq", "你们", "啊", "\x00", "\u200b"])
def test_a_question_that_shares_nothing_finds_nothing(question: str) -> None:
    assert list(SMALL.match(question)) == []
    assert question != "" or list(faq.matcher().match(question)) == []


@pytest.mark.parametrize(
    "question",
    ["Can I pay for my order by credit card?", "I want a hotel room", "what is the weather", "I want to order"],
)
def test_the_only_english_entry_is_no_answer_to_every_english_question(question: str) -> None:
    """Nothing else comes into question, which makes nothing more likely."""
    assert not isinstance(decide(SMALL.match(question), Thresholds()), Answer)


@pytest.mark.parametrize("question", ["什么时候下雨", "几天", "什么", "发票怎么开", "运费多少", "货"])
def test_a_knowledge_of_one_entry_does_not_answer_everything_with_it(question: str) -> None:
    matcher = trained(SHOP[:1])
    assert not isinstance(decide(matcher.match(question), Thresholds()), Answer)


def test_candidates_are_best_first_and_no_more_than_asked_for() -> None:
    candidates = SMALL.match("退货退款什么时候到账", limit=2)
    assert len(candidates) == 2
    assert candidates[0].score >= candidates[1].score
    assert list(candidates) == list(SMALL.match("退货退款什么时候到账"))[:2]


def test_an_empty_knowledge_finds_nothing() -> None:
    empty = engine.train([], 0.95)
    assert empty == engine.Trained(b"", None)
    assert list(engine.open_index(empty.data, []).match("什么时候发货")) == []


def test_a_knowledge_whose_phrasings_are_all_function_words_still_answers_them_literally() -> None:
    matcher = trained([Entry("a", "你们是不是", (), "是的")])
    assert [candidate.entry_id for candidate in matcher.match("你们是不是？")] == ["a"]
    assert list(matcher.match("什么时候发货")) == []


@pytest.mark.parametrize("phrasing", ["？？？", "😀", "啊"])
def test_an_entry_whose_phrasing_has_no_word_is_kept_beside_the_others_and_never_found(phrasing: str) -> None:
    matcher = trained((Entry("odd", phrasing, (), "。"), *SHOP))
    assert matcher.match("什么时候发货")[0].entry_id == "ship"
    assert list(matcher.match("！！")) == []


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    assert SMALL.match("什么时候发货" + "！" * 100_000)[0].entry_id == "ship"
    assert list(SMALL.match("zzz" * QUESTION_CHARS + "什么时候发货")) == []


@pytest.mark.parametrize("letter", ["发", "a", "1", "\u0301", "🙂", " ", "退货"])
def test_a_hundred_thousand_letters_are_answered_like_any_other_message(letter: str) -> None:
    candidates = faq.matcher().match(letter * (100_000 // len(letter)))
    assert all(0.0 <= candidate.score < 1.0 for candidate in candidates)
    assert list(candidates) == list(faq.matcher().match(letter * QUESTION_CHARS))


def test_two_entries_that_are_as_likely_are_asked_for_and_not_chosen_from() -> None:
    twins = (Entry("one", "茶叶怎么保存", (), "阴凉处。"), Entry("two", "茶叶如何保存", (), "冰箱里。"))
    decision = decide(trained(twins).match("茶叶该咋样保存"), Thresholds())
    assert isinstance(decision, Clarify)
    assert {candidate.entry_id for candidate in decision.candidates} == {"one", "two"}


_WORDS = [
    "发货",
    "退款",
    "运费",
    "什么",
    "时候",
    "我",
    "的",
    "?",
    "cancel",
    " order",
    "多久",
    "在吗",
    "tuikuan",
    "运废",
]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_WORDS)).map("".join))
def test_scores_are_probabilities_and_best_first(question: str) -> None:
    candidates = SMALL.match(question)
    scores = [candidate.score for candidate in candidates]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert len({candidate.entry_id for candidate in candidates}) == len(candidates)
    assert list(candidates) == list(SMALL.match(question))


def test_training_twice_gives_the_same_bytes_and_the_same_thresholds() -> None:
    assert engine.train(SHOP, 0.95) == engine.train(SHOP, 0.95)


def test_threads_that_ask_at_once_get_what_one_alone_gets() -> None:
    questions = [case.question for case in faq.cases("held_out.csv")]
    alone = [faq.matcher().match(question) for question in questions]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(faq.matcher().match, questions * 2)) == alone * 2


_PROGRAM = """
import hashlib
from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
entries = faq.entries()[::5]
trained = engine.train(entries, 0.95)
print(hashlib.sha256(trained.data).hexdigest(), trained.training)
matcher = engine.open_index(trained.data, entries)
for case in faq.cases("held_out.csv")[::7]:
    print([(c.entry_id, c.score, c.matched) for c in matcher.match(case.question)])
"""


def test_another_process_trains_the_same_index_and_gives_the_same_candidates() -> None:
    def run(seed: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return subprocess.run(
            [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, timeout=120, check=True
        )

    one, other = run("1"), run("2")
    assert one.stdout == other.stdout
    assert len(one.stdout.splitlines()) == len(faq.cases("held_out.csv")[::7]) + 1
    assert one.stderr == ""
