"""The demo shop's FAQ is what people see first: it is complete, consistent, and answers customers' own words.

``in_scope.csv`` and ``out_of_scope.csv`` were used to tune the matcher; ``held_out.csv`` was written afterwards and
not looked at while tuning.
"""

import re
from collections import Counter

import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import intents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.evaluate import Evaluation, evaluate
from yizhan.dialogue.knowledge.index.calibration import FEWEST, Believed, threshold
from yizhan.dialogue.knowledge.index.crossvalidation import OUT_OF_SCOPE_SHARE


def test_the_demo_faq_has_no_problem() -> None:
    assert faq.parsed().problems == ()


def test_the_demo_faq_is_large_enough_to_be_a_shop() -> None:
    counts = Counter(entry.category for entry in faq.entries())
    assert sum(counts.values()) >= 130
    assert len(counts) >= 10
    assert min(counts.values()) >= 4


def test_every_demo_entry_has_paraphrases_and_an_answer_of_a_readable_length() -> None:
    odd = [e.id for e in faq.entries() if not (3 <= len(e.paraphrases) <= 7 and 40 <= len(e.answer) <= 200)]
    assert odd == []


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"满\d+元(?:全国)?包邮", {"满99元包邮", "满99元全国包邮", "满199元包邮"}),
        (r"\d{3}-\d{3}-\d{4}", {"400-000-6699"}),
        (r"@[a-z.]*[a-z]", {"@shanju.example"}),
        (r"\d+天内[^，。；]{0,8}无理由", {"7天内可以无理由", "7天内完好可以无理由"}),
        (r"付款后\d+小时内", {"付款后48小时内", "付款后2小时内"}),
        (r"价格保护[^，。]*?\d+天|\d+天价格保护", {"15天价格保护"}),
        (r"质保\d年|\d年质保期", {"质保1年", "1年质保期"}),
        (r"\d+积分抵\d元", {"100积分抵1元"}),
    ],
)
def test_demo_answers_do_not_contradict_each_other(pattern: str, allowed: set[str]) -> None:
    found = {hit for entry in faq.entries() for hit in re.findall(pattern, entry.answer)}
    assert found <= allowed
    assert found


def test_no_demo_question_is_taken_for_something_else_than_a_question() -> None:
    rules = (intents.wants_human, intents.greeting, intents.thanks, intents.goodbye)
    taken = [
        phrasing for entry in faq.entries() for phrasing in entry.phrasings if any(rule(phrasing) for rule in rules)
    ]
    assert taken == []


def test_every_demo_phrasing_is_answered_by_its_own_entry() -> None:
    wrong = [
        phrasing
        for entry in faq.entries()
        for phrasing in entry.phrasings
        if (best := faq.matcher().match(phrasing)[0]).entry_id != entry.id or best.score != 1.0
    ]
    assert wrong == []


def thresholds() -> Thresholds:
    """Those that the release found for itself by cross-validation, as it is served with."""
    training = faq.trained().training
    assert training is not None
    return training.thresholds


def measured(*names: str) -> Evaluation:
    return evaluate(faq.matcher(), [case for name in names for case in faq.cases(name)], thresholds())


def believed(found: Evaluation) -> list[Believed]:
    """With out-of-scope questions counting as many as training reckons with, however many the files have."""
    share = OUT_OF_SCOPE_SHARE / (1.0 - OUT_OF_SCOPE_SHARE) * found.in_scope / found.out_of_scope
    return [
        Believed(one.score, one.right, bool(one.case.expected), 1.0 if one.case.expected else share)
        for one in found.judged
    ]


def precision_in_a_shop(found: Evaluation) -> float:
    """Of the answers, how many are right when one question in ten has no answer in the FAQ."""
    answers = [weighed for weighed, one in zip(believed(found), found.judged, strict=True) if one.answered]
    return sum(one.weight * one.right for one in answers) / sum(one.weight for one in answers)


def test_the_labelled_questions_name_entries_that_exist_and_are_enough() -> None:
    known = {entry.id for entry in faq.entries()}
    tuning, held_out = measured("in_scope.csv", "out_of_scope.csv"), measured("held_out.csv")
    assert all(one.case.expected <= known for one in (*tuning.judged, *held_out.judged))
    assert tuning.in_scope + held_out.in_scope >= 250
    assert tuning.out_of_scope + held_out.out_of_scope >= 140


def test_customers_own_words_are_answered_rightly_or_not_at_all() -> None:
    """More than a third of these have no answer, half of them near misses on purpose: many more than a shop gets.

    The promise of 95 right answers in 100 holds even so, and by more when one question in ten has no answer, which is
    what thresholds are trained for.
    """
    found = measured("in_scope.csv", "out_of_scope.csv")
    wrong = [one for one in found.judged if one.answered and not one.right]
    assert precision_in_a_shop(found) >= 0.97, wrong
    assert found.precision >= 0.95, wrong
    assert found.accuracy >= 0.89
    assert found.coverage >= 0.45
    assert found.helped >= 0.96
    assert found.oos_recall >= 0.97


def test_words_that_nobody_tuned_for_are_answered_rightly_or_not_at_all() -> None:
    found = measured("held_out.csv")
    assert found.precision >= 0.98, [one for one in found.judged if one.answered and not one.right]
    assert found.accuracy >= 0.91
    assert found.coverage >= 0.63
    assert found.helped >= 0.95
    assert found.oos_recall >= 0.98


def test_the_threshold_that_the_release_chose_is_not_below_what_its_promise_needs() -> None:
    found = measured("in_scope.csv", "out_of_scope.csv", "held_out.csv")
    as_asked = [Believed(one.score, one.right, bool(one.case.expected)) for one in found.judged]
    assert thresholds().answer >= threshold(as_asked, 0.95)
    assert thresholds().answer >= threshold(believed(found), 0.95)


def test_whoever_is_asked_back_mostly_finds_the_right_question_among_the_options() -> None:
    found = measured("in_scope.csv", "out_of_scope.csv", "held_out.csv")
    asked = [
        (weighed.weight, not one.case.expected.isdisjoint(one.offered))
        for weighed, one in zip(believed(found), found.judged, strict=True)
        if one.offered and not one.answered
    ]
    assert len(asked) >= FEWEST
    assert sum(weight * offered for weight, offered in asked) / sum(weight for weight, _ in asked) >= 0.75
