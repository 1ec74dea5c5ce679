"""Meaning finds what words do not, is believed only where it proves itself, and comes back from the bytes as it was."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index import learner
from yizhan.dialogue.knowledge.index.meaning import HalfVectors, OtherVectors, Vectors, meanings, mixed
from yizhan.dialogue.knowledge.index.packing import pack, unpack
from yizhan.dialogue.knowledge.index.trained import TrainedMatcher
from yizhan.dialogue.knowledge.index.training import train
from yizhan.dialogue.knowledge.matcher import Matcher

SHOP = tuple(faq.entries()[:30])
DIMENSION = 48


def of(entry: int, wording: int, spread: float = 0.5) -> HalfVectors:
    """As a good model embeds: what means the same lies near, whatever its words; everything has something in common."""
    about = np.random.default_rng(entry).normal(size=DIMENSION)
    own = np.random.default_rng(10_000 + 100 * entry + wording).normal(size=DIMENSION)
    vector = about + spread * own + 2.0
    return np.asarray(vector / np.linalg.norm(vector), np.float16)


def good(entries: Sequence[Entry], outside: int = 0) -> Vectors:
    rows = [of(place, wording) for place, entry in enumerate(entries) for wording in range(len(entry.phrasings))]
    return Vectors(np.stack(rows), np.array([of(900 + place, 0) for place in range(outside)], np.float16))


def senseless(entries: Sequence[Entry]) -> Vectors:
    """As a model embeds whose language it is not."""
    count = sum(len(entry.phrasings) for entry in entries)
    rows = np.random.default_rng(1).normal(size=(count, DIMENSION))
    return Vectors(rows.astype(np.float16), np.zeros((0, DIMENSION), np.float16))


@cache
def trained() -> engine.Trained:
    return engine.train(SHOP, 0.95, ["今天天气怎么样"], good(SHOP, outside=1))


@cache
def matcher() -> Matcher:
    return engine.open_index(trained().data, SHOP)


def test_a_question_that_shares_no_word_with_its_entry_is_found_by_what_it_means() -> None:
    found = [matcher().match("zzz qqq", meaning=of(place, 77))[0].entry_id for place in range(len(SHOP))]
    assert found == [entry.id for entry in SHOP]
    assert list(matcher().match("zzz qqq")) == []


def test_without_its_meaning_a_question_gets_what_it_got_before_there_were_vectors() -> None:
    plain = engine.open_index(engine.train(SHOP, 0.95, ["今天天气怎么样"]).data, SHOP)
    for case in (*faq.cases("held_out.csv"), *faq.cases("in_scope.csv"))[::9]:
        assert list(matcher().match(case.question)) == list(plain.match(case.question))


def test_more_is_answered_where_meaning_is_known() -> None:
    words, meaning = trained().training, trained().by_meaning
    assert words is not None
    assert meaning is not None
    assert meaning.coverage > words.coverage


def test_vectors_that_find_less_than_words_are_left_out_of_the_release() -> None:
    found = engine.train(SHOP, 0.95, vectors=senseless(SHOP))
    assert found.by_meaning is None
    opened, plain = (engine.open_index(data, SHOP) for data in (found.data, engine.train(SHOP, 0.95).data))
    asked = SHOP[3].paraphrases[0] + "呀"
    assert list(opened.match(asked, meaning=of(7, 1))) == list(plain.match(asked))


def test_where_nothing_can_be_left_out_to_ask_vectors_are_used_as_they_are() -> None:
    single = [Entry(entry.id, entry.question, (), entry.answer) for entry in SHOP]
    found = engine.train(single, 0.95, vectors=good(single))
    assert found.by_meaning is not None
    opened = engine.open_index(found.data, single)
    assert opened.match("zzz qqq", meaning=of(4, 9))[0].entry_id == single[4].id


@pytest.mark.parametrize("size", [0, 1, DIMENSION - 1, DIMENSION + 1])
def test_a_vector_of_another_model_is_refused_and_not_compared(size: int) -> None:
    with pytest.raises(OtherVectors):
        matcher().match("怎么退货", meaning=np.ones(size))


def test_a_phrasing_asked_literally_is_certain_whatever_a_model_thinks_it_means() -> None:
    best = matcher().match(SHOP[5].question, meaning=of(20, 3))[0]
    assert (best.entry_id, best.score) == (SHOP[5].id, 1.0)


def test_what_is_opened_finds_exactly_what_was_trained() -> None:
    index = train(SHOP, 0.95, vectors=good(SHOP)).index
    fresh, opened = TrainedMatcher(SHOP, index), TrainedMatcher(SHOP, unpack(pack(SHOP, index), SHOP))
    for place in range(len(SHOP)):
        question = f"{SHOP[place].question[:3]}呢"
        assert list(fresh.match(question, meaning=of(place, 50))) == list(opened.match(question, meaning=of(place, 50)))


def test_the_same_vectors_train_to_the_same_bytes() -> None:
    assert engine.train(SHOP[:8], 0.95, vectors=good(SHOP[:8])).data == (
        engine.train(SHOP[:8], 0.95, vectors=good(SHOP[:8])).data
    )


def test_releases_too_large_for_every_vote_know_meanings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "MOST_ROWS", 10)
    found = engine.train(SHOP, 0.95, vectors=good(SHOP))
    opened = engine.open_index(found.data, SHOP)
    assert found.by_meaning is not None
    right = [opened.match("zzz qqq", meaning=of(place, 77))[0].entry_id == SHOP[place].id for place in range(30)]
    assert sum(right) >= 27


def test_what_all_phrasings_have_in_common_tells_nothing_apart() -> None:
    whole = good(SHOP).rows
    shifted = meanings((whole.astype(np.float32) + 3.0).astype(np.float16))
    plain = meanings(whole)
    assert np.abs(shifted.rows @ shifted.rows[0] - plain.rows @ plain.rows[0]).max() < 0.02


@pytest.mark.parametrize(("words", "meaning", "whole"), [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.3)])
def test_both_likenesses_are_shares_of_one(words: float, meaning: float, whole: float) -> None:
    assert mixed(np.full(1, words, np.float32), np.full(1, meaning, np.float32))[0] == pytest.approx(whole, abs=1e-6)
