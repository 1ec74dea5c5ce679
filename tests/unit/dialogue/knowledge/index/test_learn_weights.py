"""Few examples hardly move what is known from other knowledge; many decide; none makes a sign speak against itself."""

import numpy as np
import pytest

from tests.unit.dialogue.knowledge.index.considering import considered
from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.known_weights import DOUBT_SPREAD, KNOWN_WEIGHTS, SIGN_SPREAD
from yizhan.dialogue.knowledge.index.learn_weights import Example, learn_belief, learn_order
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Weights, belief, doubts, ranked

KNOWN = KNOWN_WEIGHTS
SPELLING, BM25 = SIGNS.index("spelling"), SIGNS.index("bm25")


def told_by_bm25(count: int, weight: float = 1.0) -> list[Example]:
    """The right entry has the better bm25 and the worse spelling, by turns at the first and the second place."""
    good, bad = {"bm25": 0.8, "spelling": 0.4}, {"bm25": 0.2, "spelling": 0.8}
    turns = [(considered(good, bad), 0), (considered(bad, good), 1)]
    return [Example(*turns[turn % 2], in_scope=True, weight=weight) for turn in range(count)]


def moved(order: tuple[float, ...]) -> float:
    """How far from the start, in the usual spread of signs."""
    away = (np.array(order) - np.array(KNOWN.order)) * np.array(SIGN_SPREAD)
    return float(np.abs(away).max())


@pytest.mark.parametrize(
    "examples",
    [
        [],
        [Example(considered({"near": 0.5}, {"near": 0.1}), -1, in_scope=True)],
        [Example(considered({"near": 0.5}, {"near": 0.1}), -1, in_scope=False)],
        [Example(considered({"near": 0.5}), 0, in_scope=True)],
        [Example(considered(), -1, in_scope=True)],
    ],
    ids=["no example", "the right one is not there", "none is right", "nothing to choose from", "nothing considered"],
)
def test_what_shows_no_choice_leaves_the_order_as_it_was(examples: list[Example]) -> None:
    assert learn_order(examples, KNOWN.order, SIGN_SPREAD) == KNOWN.order


def test_few_examples_stay_near_the_start_and_many_go_their_own_way() -> None:
    distances = [moved(learn_order(told_by_bm25(count), KNOWN.order, SIGN_SPREAD)) for count in (1, 10, 100, 10_000)]
    assert distances == sorted(distances)
    assert distances[0] < 0.05
    assert distances[-1] > 0.5


def test_many_examples_put_the_right_entry_first() -> None:
    examples = told_by_bm25(10_000)
    order = learn_order(examples, KNOWN.order, SIGN_SPREAD)
    assert ranked(examples[0].considered, KNOWN).places[0] == 1
    assert ranked(examples[0].considered, Weights(order, KNOWN.belief)).places[0] == 0
    assert ranked(examples[1].considered, Weights(order, KNOWN.belief)).places[0] == 1


def test_no_sign_comes_to_speak_against_its_entry() -> None:
    order = learn_order(told_by_bm25(100_000), KNOWN.order, SIGN_SPREAD)
    assert all(weight >= 0.0 for weight in order)
    assert order[SPELLING] < KNOWN.order[SPELLING]
    assert order[BM25] > KNOWN.order[BM25]


def test_an_example_of_weight_ten_is_worth_ten_examples() -> None:
    one = learn_order(told_by_bm25(2, weight=500.0), KNOWN.order, SIGN_SPREAD)
    other = learn_order(told_by_bm25(1000), KNOWN.order, SIGN_SPREAD)
    assert one == pytest.approx(other, abs=0.02)


def test_candidates_are_told_apart_however_many_each_question_has() -> None:
    wide = considered({"bm25": 0.1}, {"bm25": 0.9}, {"bm25": 0.2}, {"bm25": 0.3})
    examples = [*told_by_bm25(50), *[Example(wide, 1, in_scope=True)] * 50]
    assert learn_order(examples, KNOWN.order, SIGN_SPREAD)[BM25] > KNOWN.order[BM25]


def believed(examples: list[Example]) -> list[float]:
    """What is believed of each example after learning from all of them."""
    learned = Weights(KNOWN.order, learn_belief(examples, KNOWN, DOUBT_SPREAD))
    return [belief(doubts(one.considered, ranked(one.considered, learned)), learned) for one in examples]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_with_many_examples_what_is_believed_comes_true(share: float) -> None:
    found = considered({"spelling": 0.6}, {"spelling": 0.5})
    right = round(4000 * share)
    examples = [Example(found, 0, in_scope=True)] * right + [Example(found, -1, in_scope=False)] * (4000 - right)
    assert believed(examples)[0] == pytest.approx(share, abs=0.03)


def test_questions_without_an_answer_make_it_doubt_what_they_look_like() -> None:
    near, far = considered({"direction": 0.9}, {}), considered({"direction": 0.2}, {})
    sure = [Example(near, 0, in_scope=True)] * 2000 + [Example(far, -1, in_scope=False)] * 2000
    chances = believed(sure)
    assert chances[0] > 0.9
    assert chances[-1] < 0.2


def test_of_beliefs_too_few_examples_change_little() -> None:
    learned = learn_belief([Example(considered({"near": 0.5}, {}), -1, in_scope=False)] * 3, KNOWN, DOUBT_SPREAD)
    away = (np.array(learned) - np.array(KNOWN.belief)) * np.array(DOUBT_SPREAD)
    assert np.abs(away).max() < 0.1
    assert learn_belief([], KNOWN, DOUBT_SPREAD) == KNOWN.belief
    assert learn_belief([Example(considered(), -1, in_scope=False)], KNOWN, DOUBT_SPREAD) == KNOWN.belief


def test_only_what_a_question_is_like_may_speak_against_an_answer() -> None:
    """However much the examples want it: here the better spelt and the further ahead, the worse."""
    worse = [Example(considered({"spelling": 1.0}, {"spelling": 0.1}), -1, in_scope=False)] * 5000
    better = [Example(considered({"spelling": 0.3}, {"spelling": 0.25}, known=0.1), 0, in_scope=True)] * 5000
    learned = learn_belief([*worse, *better], KNOWN, DOUBT_SPREAD)
    for name, weight in zip(DOUBTS, learned, strict=True):
        assert weight >= 0.0 or name in ("known", "length", "strange", "one"), name
