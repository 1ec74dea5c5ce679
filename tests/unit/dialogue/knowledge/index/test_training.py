"""What a release finds out about itself when it is trained."""

from functools import cache

import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.calibration import WITHOUT_EVIDENCE, unproven
from yizhan.dialogue.knowledge.index.known_weights import KNOWN_WEIGHTS
from yizhan.dialogue.knowledge.index.training import TrainedIndex, train

SHOP = faq.entries()[:40]


@cache
def shop() -> TrainedIndex:
    return train(SHOP, 0.95)


def many(words: int) -> list[Entry]:
    """Entries that are easily told apart, with enough phrasings to learn from."""
    things = ["茶叶", "杯子", "水壶", "毛巾", "枕头", "雨伞", "台灯", "书包", "手表", "相机", "地毯", "花瓶"]
    ways = [
        "{}怎么买",
        "{}多少钱一个",
        "我想要{}",
        "有没有{}卖",
        "请问{}在哪",
        "{}什么时候有货",
        "{}能便宜吗",
        "送我{}",
    ]
    return [
        Entry(thing, ways[0].format(thing), tuple(way.format(thing) for way in ways[1:words]), f"{thing}有。")
        for thing in things
    ]


def test_the_report_says_what_its_own_threshold_would_do() -> None:
    found = shop()
    assert found.by_words.at is not None
    assert found.by_words.at in found.by_words.points or found.by_words.at.threshold >= found.by_words.answer_from
    assert [point.threshold for point in found.by_words.points] == sorted(
        (point.threshold for point in found.by_words.points), reverse=True
    )
    assert 0 < len(found.by_words.points) <= 40
    assert 0.0 < found.by_words.ask_from <= found.by_words.answer_from < 1.0
    for point in found.by_words.points:
        assert 0.0 <= point.coverage <= 1.0
        assert 0.0 <= point.precision <= 1.0


def test_a_release_that_can_be_told_apart_proves_a_threshold_that_keeps_its_promise() -> None:
    found = train(many(8), 0.9)
    assert found.by_words.answer_from != unproven(0.9)
    assert found.by_words.at is not None
    assert found.by_words.at.precision >= 0.9
    assert found.by_words.at.coverage >= 0.3


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_release_that_can_leave_nothing_out_is_served_by_what_is_known_from_others(count: int) -> None:
    entries = [Entry(entry.id, entry.question, (), entry.answer) for entry in SHOP[:count]]
    found = train(entries, 0.95)
    assert found.by_words.answer_from == unproven(0.95)
    assert found.by_words.ask_from == WITHOUT_EVIDENCE
    assert found.index.weights.order == KNOWN_WEIGHTS.order


def test_questions_known_to_be_out_of_scope_make_such_questions_less_believed() -> None:
    outside = [case.question for case in faq.cases("out_of_scope.csv")]
    told, asked = outside[::2], outside[1::2]

    def belief(known: list[str]) -> float:
        data = engine.train(SHOP, 0.95, known).data
        matcher = engine.open_index(data, SHOP)
        return sum(max((found.score for found in matcher.match(question)), default=0.0) for question in asked)

    assert belief(told) < belief([])


def test_a_question_out_of_scope_that_shares_nothing_does_no_harm() -> None:
    found = train(SHOP[:5], 0.95, ["", "😀", "zzzz"])
    assert 0.0 < found.by_words.answer_from < 1.0


def test_training_with_the_same_seed_gives_the_same_thresholds() -> None:
    one, other = train(SHOP[:15], 0.95, seed=3), train(SHOP[:15], 0.95, seed=3)
    assert (one.by_words.answer_from, one.by_words.ask_from, one.index.weights, one.by_words.points) == (
        other.by_words.answer_from,
        other.by_words.ask_from,
        other.index.weights,
        other.by_words.points,
    )


def test_a_greater_promise_is_never_kept_by_a_lower_threshold() -> None:
    thresholds = [train(SHOP[:20], promise).by_words.answer_from for promise in (0.6, 0.9, 0.99)]
    assert thresholds == sorted(thresholds)


def test_no_sign_was_learned_to_speak_against_its_entry() -> None:
    assert all(weight >= 0.0 for weight in shop().index.weights.order)


def test_the_engine_hands_on_what_training_found() -> None:
    training = engine.train(SHOP, 0.95).training
    assert training is not None
    found = shop().by_words
    assert (training.answer_threshold, training.clarify_threshold) == (found.answer_from, found.ask_from)
    assert found.at is not None
    assert (training.precision, training.coverage) == (found.at.precision, found.at.coverage)
    assert len(training.curve) == len(found.points)
    assert training.thresholds.answer == training.answer_threshold
