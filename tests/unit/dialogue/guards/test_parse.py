"""Whoever writes a guard document is told what is wrong, where, and in both languages; a wrong one is never in force."""

import pytest

from tests.unit.dialogue.guards.documents import HUMAN, document, guards, problems, rule
from yizhan.dialogue.guards.document import MOST_BYTES

GOOD = rule("[停电]", "[我家停电了]", "[有电吗]")

WRONG = {
    "not YAML": ("version: 1\nrules: [", "", "not valid YAML"),
    "nothing at all": ("", "version", "is missing"),
    "a list": ("- a", "", "must be a mapping"),
    "an alias, which can grow without end": ("a: &x [1]\nb: *x", "", "anchors and aliases"),
    "a key twice, of which one would be lost": (document(GOOD) + "    kind: abuse\n", "rules[1].kind", "more than once"),
    "a version of later": (document(GOOD).replace("version: 1", "version: 9"), "version", "must be one of"),
    "a key that nobody knows": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    prioriti: high")),
        "rules[1].prioriti (tried)",
        "unknown key",
    ),
    "a kind that nobody knows": (document(GOOD.replace("fault", "boredom")), "rules[1].kind (tried)", "must be one of"),
    "a name with spaces": (document(GOOD.replace("tried", "my rule")), "rules[1].name (my rule)", "small letters"),
    "a name twice": (document(GOOD + GOOD), "rules[2].name (tried)", "already used"),
    "a level that nobody knows": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    urgency: soon")),
        "rules[1].urgency (tried)",
        "normal, high, critical",
    ),
    "no test sentence that fires": (
        document(rule("[停电]", "[]", "[有电吗]")), "rules[1].fires (tried)", "at least 1"
    ),
    "no test sentence that passes": (
        document(rule("[停电]", "[停电]", "[]")), "rules[1].passes (tried)", "at least 1"
    ),
    "nothing to match": (document(rule("[]", "[停电]", "[有电吗]")), "rules[1].match (tried)", "at least 1"),
    "a word without letters": (document(rule("['！？']", "[停电]", "[有电吗]")), "rules[1].match[0].phrase (tried)", "no word"),
    "one character": (document(rule("[电]", "[停电]", "[有水吗]")), "rules[1].match[0] (tried)", "single character"),
    "two ways in one item": (
        document(rule("[{phrase: 停电, whole: [停电]}]", "[停电]", "[有电吗]")), "rules[1].match[0] (tried)", "exactly one"
    ),
    "no way in an item": (
        document(rule("[{within: 3}]", "[停电]", "[有电吗]")), "rules[1].match[0] (tried)", "exactly one"
    ),
    "a distance where there is nothing to measure": (
        document(rule("[{phrase: 停电, within: 3}]", "[停电]", "[有电吗]")), "rules[1].match[0] (tried)", "near only"
    ),
    "a distance that is no number": (
        document(rule("[{near: [[停], [电]], within: far}]", "[停电]", "[有电吗]")),
        "rules[1].match[0].within (tried)",
        "whole number",
    ),
    "a list that is not there": (
        document(rule("['@outages']", "[停电]", "[有电吗]")), "rules[1].match[0] (tried)", "no list named 'outages'"
    ),
    "a list in a list": (
        document(GOOD, before="lists:\n  aa: [停电]\n  bb: ['@aa']"), "lists.bb", "cannot refer to another"
    ),
    "a guide that guides nothing": (
        document(GOOD, before="urgency:\n  - {name: soon, level: high}"), "urgency[0] (soon)", "kinds or match"
    ),
    "nothing to say": (
        document(GOOD.replace("hand_off", "say")), "rules[1].action (tried)", "needs say"
    ),
    "a text in one language only": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    say: {zh: 好的}").replace("action: hand_off", "action: say")),
        "rules[1].say.en (tried)",
        "is missing",
    ),
    "a text that is never said": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    say: {zh: 好的, en: OK}")), "rules[1].say (tried)", "hand_off says nothing"
    ),
    "a menu on the way to a person": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    offer_human: true")), "rules[1].offer_human (tried)", "say and refuse only"
    ),
    "a second time that cannot come": (
        document(rule("[停电]", "[停电]", "[有电吗]", "    again: skip")), "rules[1].again (tried)", "no use for again"
    ),
    "no rule for who asks for a person": (document(GOOD, human=""), "rules", "kind human is missing"),
    "a refusal before the request for a person": (
        document(
            HUMAN,
            human=rule("[停电]", "[停电]", "[有电吗]", "    say: {zh: 好的, en: OK}").replace("action: hand_off", "action: refuse"),
        ),
        "rules[0].action (tried)",
        "never argued with",
    ),
    "knowledge before the request for a person": (
        document(HUMAN, human=rule("[停电]", "[停电]", "[有电吗]", "    knowledge_first: true")),
        "rules[0].action (tried)",
        "never argued with",
    ),
    "a request for a person that is refused": (
        document(
            GOOD,
            human=HUMAN.replace("action: hand_off", "action: refuse\n    say: {zh: 不行, en: No}"),
        ),
        "rules[0].action (human-request)",
        "must hand off",
    ),
    "a sentence that should fire and does not": (
        document(rule("[停电]", "[停电, 没电了]", "[有电吗]")), "rules[1].fires[1] (tried)", "no rule decides"
    ),
    "a sentence that another rule takes": (
        document(rule("[停电]", "[停电了转人工]", "[有电吗]")), "rules[1].fires[0] (tried)", "human-request decides"
    ),
    "a sentence that should pass and fires": (
        document(rule("[停电]", "[停电]", "[停电宝有吗]")), "rules[1].passes[0] (tried)", "should not fire"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "reason"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_document_is_refused_with_the_place(text: str, place: str, reason: str) -> None:
    found = problems(text)
    assert any(one.place == place and reason in one.reason_en for one in found), found
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in one.reason_zh) for one in found)


def test_the_line_is_the_one_in_the_editor() -> None:
    text = document(rule("[停电]", "[停电]", "[有电吗]", "    urgency: soon"))
    (problem,) = problems(text)
    assert text.splitlines()[problem.line - 1] == "    urgency: soon"


def test_all_problems_are_told_at_once_and_in_order() -> None:
    found = problems(document(GOOD.replace("fault", "boredom") + rule("['？？']", "[a]", "[b]", "    urgency: soon")))
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert len(found) == 3


def test_values_are_what_was_typed() -> None:
    """12315, no and on are words here, not numbers and truth values."""
    tried = guards(
        document(rule("[12315, 'no', {near: [[on], [off]], within: 1}]", "[编号12315, 'no', on off]", "[好]"))
    )
    assert tried.judge("on or off", "zh-CN") is None
    assert tried.judge("on, off", "zh-CN") is not None


def test_a_document_as_large_as_a_novel_is_not_even_read() -> None:
    (problem,) = problems("#" * (MOST_BYTES + 1))
    assert "larger than" in problem.reason_en


def test_nesting_without_end_is_refused() -> None:
    for text in ("[" * 5000, "a: " + "[" * 40 + "]" * 40):
        assert problems(text)
