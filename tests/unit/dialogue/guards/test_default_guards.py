"""The shipped guards on the sentences that were written before them: nobody in need is missed, few are disturbed.

``tuning`` was tuned on; of ``held_out`` only counts were looked at while tuning; ``final`` was run once, at the end.
What was seen of the last two afterwards has been mended, so these are floors now and no estimate; ``docs/guards.md``
has the figures of before.
"""

from functools import cache
from pathlib import Path

import pytest

from tests.unit.dialogue.knowledge.faq import entries
from yizhan.dialogue.guards.parse import Problems, default_document, default_guards, parse_guards
from yizhan.dialogue.guards.trial import Case, Trial, read_cases, table, try_out
from yizhan.dialogue.guards.verdict import Action, Kind, Urgency

SENTENCES = Path(__file__).parent / "sentences"
LEAST = 15

RULES = default_guards().names
HELD_OUT_WRONG = 2
FINAL_WRONG = 1


@cache
def trial(name: str) -> Trial:
    return try_out(default_guards(), read_cases((SENTENCES / f"{name}.csv").read_text("utf-8")))


def test_the_shipped_document_is_right() -> None:
    assert not isinstance(parse_guards(default_document()), Problems)


def test_every_kind_of_case_has_a_rule() -> None:
    kinds = {compiled.rule.kind for compiled in default_guards().rules}
    assert kinds == set(Kind)


@pytest.mark.parametrize("name", RULES)
def test_each_rule_is_tried_on_enough_sentences(name: str) -> None:
    cases = trial("held_out").cases
    assert sum(case.expected == name for case in cases) >= LEAST
    assert sum(case.about == name and not case.expected for case in cases) >= LEAST


def test_the_tuned_sentences_all_come_out_right() -> None:
    assert not trial("tuning").wrong


@pytest.mark.parametrize(("name", "most"), [("held_out", HELD_OUT_WRONG), ("final", FINAL_WRONG)])
def test_the_sentences_kept_apart_come_out_no_worse_than_measured(name: str, most: int) -> None:
    assert len(trial(name).wrong) <= most, table(trial(name), RULES)


@pytest.mark.parametrize("name", ["tuning", "held_out", "final"])
def test_nobody_in_danger_is_missed(name: str) -> None:
    endangered = [case for case in trial(name).cases if case.expected in ("self-harm", "product-safety")]
    missed = [case.text for case, decided in trial(name).wrong if case in endangered]
    assert not missed


def test_who_speaks_of_ending_it_hears_of_help_and_gets_a_person_first() -> None:
    verdict = default_guards().judge("我真的不想活了", "zh-CN")
    assert verdict is not None
    assert (verdict.action, verdict.urgency) == (Action.SAY_AND_HAND_OFF, Urgency.CRITICAL)
    assert "12356" in verdict.text
    english = default_guards().judge("I want to kill myself", "en")
    assert english is not None
    assert "12356" in english.text


FIRED = [
    (case.expected, case.text)
    for name in ("tuning", "held_out", "final")
    for case in trial(name).cases
    if case.expected
]


@pytest.mark.parametrize("wish", ["转人工，{}", "{}，转人工", "{}。叫你们经理来", "{} I want to talk to a human"])
def test_a_wish_for_a_person_is_never_argued_with(wish: str) -> None:
    """Whatever else is in the message: swearing, a question for secrets, homework."""
    argued = []
    for name, text in FIRED:
        verdict = default_guards().judge(wish.format(text), "zh-CN")
        if verdict is None or not verdict.action.hands_off or verdict.knowledge_first:
            argued.append((name, text))
    assert not argued


def test_questions_that_the_knowledge_answers_reach_it() -> None:
    """But for reports of a payment gone wrong, where the knowledge is asked first anyway."""
    stopped = []
    for entry in entries():
        for phrasing in (entry.question, *entry.paraphrases):
            verdict = default_guards().judge(phrasing, "zh-CN")
            if verdict is not None and not verdict.knowledge_first:
                stopped.append((verdict.rule, phrasing))
    assert not stopped


def test_the_menus_lead_to_where_they_say() -> None:
    """A chosen label comes back as if it had been typed: it must not run into a guard, unless it asks for a person."""
    for compiled in default_guards().rules:
        for label in (*compiled.rule.menu.zh, *compiled.rule.menu.en) if compiled.rule.menu else ():
            verdict = default_guards().judge(label, "zh-CN")
            assert verdict is None or (verdict.kind is Kind.HUMAN and not compiled.rule.offer_human), label


def test_the_table_counts_what_was_decided_instead() -> None:
    cases = (
        Case("转人工", "self-harm"),
        Case("你好", "self-harm"),
        Case("转人工吧", "", "self-harm"),
        Case("转人工", "human-request"),
    )
    told = table(try_out(default_guards(), cases), ("self-harm", "human-request")).splitlines()
    assert told[1].split() == ["self-harm", "0/2", "0/1", "human-request", "2,", "nothing", "1"]
    assert told[2].split() == ["human-request", "1/1", "-"]
    assert told[3].split() == ["all", "1/3", "0/1"]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "text,expected\n ,x\n"])
def test_a_sentence_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        read_cases(text)
