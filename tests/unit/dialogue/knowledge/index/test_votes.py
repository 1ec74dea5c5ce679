"""What phrasings say for entries is learned as regression says it, however it is reckoned."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.index.learn_few_votes import learn_few
from yizhan.dialogue.knowledge.index.learn_votes import SHRINKAGE, learn
from yizhan.dialogue.knowledge.index.learner import learner
from yizhan.dialogue.knowledge.index.neighbours import gram, neighbours
from yizhan.dialogue.knowledge.index.question import read
from yizhan.dialogue.knowledge.index.space import Space, build
from yizhan.dialogue.knowledge.index.votes import RIVALS, FewVotes, FullVotes, log_shares

Doubles = NDArray[np.float64]

NEAR, VOTED = 64, 8
"""How far votes reach in these tests, where they do not reach everywhere."""

ENTRIES = (
    ("怎么申请退货", "退货流程", "我要退货"),
    ("退款多久到账", "退的钱几天到", "退款什么时候到"),
    ("运费是多少", "包邮吗", "快递费怎么算"),
    ("多久能发货", "什么时候发货"),
)
SPACE = build([read(text).features for own in ENTRIES for text in own])
LABELS = np.array([entry for entry, own in enumerate(ENTRIES) for _ in own], np.int32)


def demo_space(every: int) -> tuple[Space, NDArray[np.int32], int]:
    entries = faq.entries()[::every]
    space = build([read(text).features for entry in entries for text in entry.phrasings])
    labels = np.repeat(np.arange(len(entries), dtype=np.int32), [len(entry.phrasings) for entry in entries])
    return space, labels, len(entries)


def loss_and_slope(
    votes: Doubles, likeness: Doubles, labels: NDArray[np.int32], shrinkage: float
) -> tuple[float, Doubles]:
    """Of multinomial logistic regression as textbooks have it; the slope is that by each vote."""
    scores = likeness @ votes
    shares = np.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    each = np.arange(len(labels))
    loss = -np.log(shares[each, labels]).sum() + 0.5 * shrinkage * float((votes * scores).sum())
    shares[each, labels] -= 1.0
    return float(loss), likeness @ (shares + shrinkage * votes)


def descended(likeness: Doubles, labels: NDArray[np.int32], entries: int, shrinkage: float) -> Doubles:
    """The same by the slowest and simplest way: small steps downhill until there is no hill."""
    votes = np.zeros((len(labels), entries))
    rate = 1.0 / (0.5 * float(np.linalg.eigvalsh(likeness).max()) + shrinkage)
    for _ in range(40_000):
        scores = likeness @ votes
        shares = np.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        shares[np.arange(len(labels)), labels] -= 1.0
        step = shares + shrinkage * votes
        votes -= rate * step
        if float(np.abs(step).max()) < 1e-9:
            break
    return votes


@pytest.mark.parametrize("shrinkage", [SHRINKAGE, 0.3, 3.0])
def test_learned_scores_are_those_of_plain_descent_to_the_bottom(shrinkage: float) -> None:
    likeness = gram(SPACE)
    learned = learn(likeness, LABELS, len(ENTRIES), shrinkage).astype(np.float64)
    exact = descended(likeness.astype(np.float64), LABELS, len(ENTRIES), shrinkage)
    wide = likeness.astype(np.float64)
    assert loss_and_slope(learned, wide, LABELS, shrinkage)[0] == pytest.approx(
        loss_and_slope(exact, wide, LABELS, shrinkage)[0], rel=1e-3
    )
    assert np.abs(wide @ learned - wide @ exact).max() <= 0.1
    assert (likeness @ learned).argmax(1).tolist() == (wide @ exact).argmax(1).tolist()


def test_where_learning_ends_there_is_hardly_any_way_down() -> None:
    space, labels, entries = demo_space(5)
    likeness = gram(space).astype(np.float64)
    before, at_start = loss_and_slope(np.zeros((len(labels), entries)), likeness, labels, SHRINKAGE)
    learned = learn(likeness.astype(np.float32), labels, entries).astype(np.float64)
    after, at_end = loss_and_slope(learned, likeness, labels, SHRINKAGE)
    assert after < before / 3
    assert np.linalg.norm(at_end) <= 0.01 * np.linalg.norm(at_start)


def test_the_votes_of_every_row_add_up_to_nothing() -> None:
    """What a phrasing says for its own entry it takes from the others: nobody wins by being voted on more."""
    votes = learn(gram(SPACE), LABELS, len(ENTRIES))
    assert np.abs(votes.sum(1)).max() <= 1e-3
    assert (votes[np.arange(len(LABELS)), LABELS] > 0).all()


def test_every_phrasing_of_the_shop_wins_for_its_own_entry() -> None:
    space, labels, entries = demo_space(2)
    likeness = gram(space)
    votes = FullVotes(learn(likeness, labels, entries))
    assert [int(votes.scores(row).argmax()) for row in likeness] == labels.tolist()


def test_learning_twice_gives_the_same_votes() -> None:
    space, labels, entries = demo_space(4)
    assert np.array_equal(learn(gram(space), labels, entries), learn(gram(space), labels, entries))
    few, again = (learn_few(neighbours(space, NEAR), labels, entries, VOTED) for _ in range(2))
    assert np.array_equal(few.voted, again.voted)
    assert np.array_equal(few.weights, again.weights)


@pytest.mark.parametrize(("rows", "entries"), [(1, 1), (3, 1), (2, 2)])
def test_the_smallest_knowledge_is_learned_without_complaint(rows: int, entries: int) -> None:
    space = build([read(text).features for text in ("怎么退货", "运费多少", "多久发货")[:rows]])
    labels = np.minimum(np.arange(rows, dtype=np.int32), entries - 1)
    for votes in (
        FullVotes(learn(gram(space), labels, entries)),
        learn_few(neighbours(space, NEAR), labels, entries, VOTED),
    ):
        scores = votes.scores(gram(space)[0])
        assert scores.shape == (entries,)
        assert np.isfinite(scores).all()
        assert scores.argmax() == 0


def test_equal_phrasings_of_two_entries_are_worth_the_same_to_both() -> None:
    space = build([read(text).features for text in ("怎么退货", "怎么退货", "运费多少")])
    scores = FullVotes(learn(gram(space), np.array([0, 1, 2], np.int32), 3)).scores(gram(space)[0])
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)
    assert scores[2] < scores[0]


def test_few_votes_are_for_the_rows_own_entry_and_its_nearest_rivals() -> None:
    space, labels, entries = demo_space(2)
    few = learn_few(neighbours(space, NEAR), labels, entries, VOTED)
    assert few.voted.shape == (len(labels), VOTED)
    assert (few.voted[:, 0] == labels).all()
    for own in few.voted:
        there = own[own >= 0].tolist()
        assert len(set(there)) == len(there)
    assert (few.weights[few.voted < 0] == 0.0).all()


def test_few_votes_choose_nearly_as_all_votes_do() -> None:
    """A phrasing never seen is asked for: every fourth one is left out, and what is left votes."""
    space, labels, entries = demo_space(1)
    whole = gram(space)
    asked = np.arange(len(labels)) % 4 == 3
    rows = np.flatnonzero(~asked)
    full = FullVotes(learn(whole[np.ix_(rows, rows)], labels[rows], entries))
    few = learn_few(neighbours(space, NEAR).among(rows), labels[rows], entries, VOTED)
    right = [
        sum(int(votes.scores(whole[row, rows]).argmax()) == labels[row] for row in np.flatnonzero(asked))
        for votes in (full, few)
    ]
    assert right[0] >= 0.4 * asked.sum()
    assert right[1] >= 0.95 * right[0], right


def test_votes_on_no_entry_count_for_none() -> None:
    few = FewVotes(np.array([[1, -1], [0, 1]], np.int32), np.array([[2.0, 9.0], [1.0, -1.0]], np.float32), 3)
    assert few.scores(np.array([1.0, 0.5], np.float32)).tolist() == [0.5, 1.5, 0.0]


@pytest.mark.parametrize("votes", ["full", "few"])
def test_a_question_like_nothing_scores_nothing(votes: str) -> None:
    space, labels, entries = demo_space(8)
    learned: FullVotes | FewVotes = (
        FullVotes(learn(gram(space), labels, entries))
        if votes == "full"
        else learn_few(neighbours(space, NEAR), labels, entries, VOTED)
    )
    assert not learned.scores(np.zeros(len(labels), np.float32)).any()


def test_a_small_release_learns_all_votes_and_may_learn_from_some_rows_only() -> None:
    space, labels, entries = demo_space(8)
    learning = learner(space, entries)
    rows = np.flatnonzero(labels < 5)
    some = learning.votes(labels[rows], 5, rows)
    assert isinstance(some, FullVotes)
    alone = learn(gram(space)[np.ix_(rows, rows)], labels[rows], 5)
    assert np.array_equal(some.weights, alone)


def test_shares_of_the_votes_add_up_to_one_and_go_by_differences() -> None:
    scores = np.array([2.0, 1.0, -3.0], np.float32)
    assert np.exp(log_shares(scores)).sum() == pytest.approx(1.0, abs=1e-6)
    assert log_shares(scores + 100).tolist() == pytest.approx(log_shares(scores).tolist(), abs=1e-4)
    assert log_shares(scores)[0] - log_shares(scores)[1] == pytest.approx(1.0, abs=1e-6)


def test_a_thousand_entries_that_nobody_means_take_no_share_from_the_one_that_is_meant() -> None:
    few, many = np.zeros(RIVALS, np.float32), np.zeros(20_000, np.float32)
    few[0] = many[0] = 8.0
    assert log_shares(many)[0] == pytest.approx(log_shares(few)[0], abs=1e-6)
    assert log_shares(many).shape == many.shape
