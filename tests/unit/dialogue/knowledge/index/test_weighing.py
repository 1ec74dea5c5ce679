"""From signs to an order and to a probability."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from tests.unit.dialogue.knowledge.index.considering import considered
from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.known_weights import DOUBT_SPREAD, KNOWN_WEIGHTS, SIGN_SPREAD
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Ranked, Weights, belief, doubts, ranked, shares


def weights(order: Mapping[str, float], believed: Mapping[str, float]) -> Weights:
    return Weights(tuple(order.get(sign, 0.0) for sign in SIGNS), tuple(believed.get(name, 0.0) for name in DOUBTS))


BY_NEAR = weights({"near": 2.0}, {"lead": 1.0, "one": -1.0})


def doubt(row: "np.typing.NDArray[np.float64]", name: str) -> float:
    return float(row[DOUBTS.index(name)])


def test_the_entry_with_the_weightiest_signs_is_first() -> None:
    order = ranked(considered({"near": 0.2}, {"near": 0.9}, {"near": 0.5}), BY_NEAR)
    assert order.places == (1, 2, 0)
    assert order.scores == pytest.approx((1.8, 1.0, 0.4))


def test_of_equals_the_entry_that_was_written_first_is_first() -> None:
    order = ranked(considered({"near": 0.5}, {"near": 0.5 + 1e-13}, {"near": 0.5}, positions=(7, 3, 5)), BY_NEAR)
    assert [(7, 3, 5)[place] for place in order.places] == [3, 5, 7]


def test_what_is_doubted_is_the_best_entrys_lead_and_the_question() -> None:
    found = considered({"near": 0.9, "told": 0.4}, {"near": 0.3}, known=0.5, length=4)
    row = doubts(found, ranked(found, BY_NEAR))
    assert row.shape == (len(DOUBTS),)
    assert doubt(row, "told") == pytest.approx(0.4)
    assert doubt(row, "lead") == pytest.approx(1.2)
    assert doubt(row, "near_lead") == pytest.approx(0.6)
    assert doubt(row, "known") == 0.5
    assert doubt(row, "length") == pytest.approx(math.log1p(4))
    assert doubt(row, "one") == 1.0


@pytest.mark.parametrize(("near", "lead"), [(3.0, 6.0), (30.0, 6.0), (0.5, 1.0), (0.0, 0.0)])
def test_a_lead_counts_up_to_a_limit(near: float, lead: float) -> None:
    found = considered({"near": near}, {"near": 0.0})
    assert doubt(doubts(found, ranked(found, BY_NEAR)), "lead") == pytest.approx(lead)


def test_an_entry_without_rivals_has_no_great_lead() -> None:
    alone, ahead = considered({"near": 0.9}), considered({"near": 0.9}, {"near": 0.1})
    assert doubt(doubts(alone, ranked(alone, BY_NEAR)), "lead") == 1.0
    assert doubt(doubts(ahead, ranked(ahead, BY_NEAR)), "lead") > 1.0


def test_the_nearest_rival_counts_wherever_it_is_ranked() -> None:
    found = considered({"near": 0.5, "votes": 9.0}, {"near": 0.2, "votes": 5.0}, {"near": 0.8, "votes": 1.0})
    order = ranked(found, weights({"votes": 1.0}, {}))
    assert order.places == (0, 1, 2)
    assert doubt(doubts(found, order), "near_lead") == pytest.approx(-0.3)


@pytest.mark.parametrize(("odds", "probability"), [(0.0, 0.5), (math.log(19.0), 0.95), (-1000.0, 0.0), (1000.0, 1.0)])
def test_log_odds_become_a_probability(odds: float, probability: float) -> None:
    row = np.zeros(len(DOUBTS))
    row[DOUBTS.index("one")] = odds
    assert belief(row, weights({}, {"one": 1.0})) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "first"),
    [((3.0,), 0.4), ((2.0, 1.0, 0.0), 0.9), ((2.0, 2.0, 2.0, 2.0), 0.3), ((50.0, -50.0), 0.99), ((1.0, 1.0), 0.01)],
)
def test_the_others_share_by_their_scores_and_are_never_likelier_than_the_first(
    scores: tuple[float, ...], first: float
) -> None:
    found = shares(Ranked(tuple(range(len(scores))), scores), first)
    assert len(found) == len(scores)
    assert found[0] == first
    assert list(found) == sorted(found, reverse=True)
    assert all(0.0 <= share <= first for share in found)


def test_entries_that_score_the_same_are_as_likely() -> None:
    assert shares(Ranked((0, 1), (1.0, 1.0)), 0.6) == [0.6, 0.6]


def test_what_is_known_beforehand_speaks_for_entries_and_never_against_them() -> None:
    assert all(weight >= 0.0 for weight in KNOWN_WEIGHTS.order)
    against = {name for name, weight in zip(DOUBTS, KNOWN_WEIGHTS.belief, strict=True) if weight < 0.0}
    assert against <= {"known", "length", "strange", "one"}
    assert all(spread > 0.0 for spread in (*SIGN_SPREAD, *DOUBT_SPREAD))
    assert (len(SIGN_SPREAD), len(DOUBT_SPREAD)) == (len(SIGNS), len(DOUBTS))
