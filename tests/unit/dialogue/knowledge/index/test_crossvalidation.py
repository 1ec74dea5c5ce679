"""Cross-validation asks only what the knowledge that is asked does not have."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index import crossvalidation
from yizhan.dialogue.knowledge.index.crossvalidation import MOST_ASKED, OUT_OF_SCOPE_SHARE, examples
from yizhan.dialogue.knowledge.index.evidence import Considered, consider
from yizhan.dialogue.knowledge.index.learn_weights import Example
from yizhan.dialogue.knowledge.index.learner import Learner, learner
from yizhan.dialogue.knowledge.index.question import Question
from yizhan.dialogue.knowledge.index.sources import Sources
from yizhan.dialogue.knowledge.index.space import Floats, build
from yizhan.dialogue.knowledge.index.trained import Texts, read_entries

SHOP = faq.entries()[:40]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that was asked, what of it the knowledge knew, and what came of it."""

    question: Question
    knowledge: Sources
    found: Considered


@dataclass(slots=True)
class Watched:
    asked: list[Asking]
    examples: list[Example]
    texts: Texts


def learning(texts: Texts) -> Learner:
    return learner(build([question.features for own in texts.asked for question in own]), len(texts.asked))


def crossvalidated(entries: Sequence[Entry], monkeypatch: pytest.MonkeyPatch, seed: int = 20) -> Watched:
    seen: list[Asking] = []

    def watching(knowledge: Sources, question: Question, *, meaning: Floats | None = None) -> Considered:
        found = consider(knowledge, question, meaning=meaning)
        seen.append(Asking(question, knowledge, found))
        return found

    monkeypatch.setattr(crossvalidation, "consider", watching)
    texts = read_entries(entries)
    return Watched(seen, examples(texts.asked, texts.told, learning(texts), seed), texts)


@pytest.fixture(scope="module")
def watched() -> Watched:
    with pytest.MonkeyPatch.context() as patch:
        return crossvalidated(SHOP, patch)


def test_no_question_is_asked_of_a_knowledge_that_has_it(watched: Watched) -> None:
    assert len(watched.asked) >= 100
    for one in watched.asked:
        others = [own for own in watched.texts.asked if one.question.text not in {question.text for question in own}]
        if len(others) == len(watched.texts.asked) - 1:
            assert one.question.text not in one.knowledge.texts, one.question.text


def test_out_of_scope_questions_are_those_of_entries_that_are_gone(watched: Watched) -> None:
    hidden = 0
    for asking, example in zip(watched.asked, watched.examples, strict=True):
        own = next(
            place
            for place, questions in enumerate(watched.texts.asked)
            if any(question is asking.question for question in questions)
        )
        siblings = {question.text for question in watched.texts.asked[own]}
        left = siblings.intersection(asking.knowledge.texts)
        answers_of_others = len(asking.knowledge.starts)
        assert answers_of_others < len(SHOP)
        if example.in_scope:
            assert left, "a left-out phrasing is asked while the others of its entry are there"
        else:
            hidden += 1
            assert not left, "nothing of a hidden entry is left to find"
            assert example.right == -1
    assert hidden >= 50


def test_the_right_entry_is_the_one_that_the_phrasing_was_taken_from(watched: Watched) -> None:
    there = 0
    for asking, example in zip(watched.asked, watched.examples, strict=True):
        assert example.considered is asking.found
        if example.right < 0:
            continue
        there += 1
        entry = example.considered.entries[example.right]
        known = {asking.knowledge.texts[row] for row in asking.knowledge.rows(entry)}
        own = next(q for q in watched.texts.asked if any(one is asking.question for one in q))
        assert known <= {question.text for question in own}
    assert there >= 0.8 * sum(example.in_scope for example in watched.examples)


def test_every_phrasing_is_left_out_at_most_once_and_most_of_them_are(watched: Watched) -> None:
    inside = [
        id(asking.question) for asking, example in zip(watched.asked, watched.examples, strict=True) if example.in_scope
    ]
    assert len(set(inside)) == len(inside)
    assert len(inside) >= 0.6 * sum(len(entry.phrasings) for entry in SHOP)


def test_questions_without_an_answer_have_their_share_of_the_weight(watched: Watched) -> None:
    whole = sum(one.weight for one in watched.examples)
    outside = sum(one.weight for one in watched.examples if not one.in_scope)
    assert outside / whole == pytest.approx(OUT_OF_SCOPE_SHARE)


def test_a_phrasing_left_out_of_few_counts_for_less_than_one_of_many(watched: Watched) -> None:
    weights: dict[int, float] = {}
    for asking, example in zip(watched.asked, watched.examples, strict=True):
        if example.in_scope:
            own = next(own for own in watched.texts.asked if any(one is asking.question for one in own))
            assert weights.setdefault(len(own), example.weight) == example.weight
    assert len(weights) >= 3
    assert [weight for _, weight in sorted(weights.items())] == sorted(weights.values())
    assert all(0.0 < weight < 1.0 for weight in weights.values())


def test_the_same_seed_asks_the_same_and_another_one_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def questions(seed: int) -> list[str]:
        with pytest.MonkeyPatch.context() as patch:
            return [one.question.text for one in crossvalidated(SHOP[:12], patch, seed).asked]

    del monkeypatch
    assert questions(1) == questions(1)
    assert questions(1) != questions(2)


def single(count: int) -> list[Entry]:
    return [Entry(entry.id, entry.question, (), entry.answer) for entry in faq.entries()[:count]]


def test_entries_with_one_phrasing_teach_nothing_rather_than_only_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert crossvalidated(single(30), monkeypatch).examples == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_smallest_releases_are_asked_what_they_can_be_asked(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for entries in (single(count), list(faq.entries()[:count])):
        for one in crossvalidated(entries, monkeypatch).examples:
            assert -1 <= one.right < max(1, len(one.considered.entries))


def test_a_large_release_is_asked_no_more_questions_than_take_a_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossvalidation, "MOST_ASKED", 50)
    found = crossvalidated(SHOP, monkeypatch).examples
    assert sum(one.in_scope for one in found) <= 50
    assert 30 <= len(found) <= 50 + 50 // 3 + 5
    assert MOST_ASKED >= 1000
