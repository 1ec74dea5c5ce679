"""Trains the index of a release: votes, weights and thresholds. Deterministic; needs scipy, time and memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.decide import MOST_OPTIONS
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.calibration import (
    Believed,
    Point,
    asking_threshold,
    curve,
    sampled,
    threshold,
)
from yizhan.dialogue.knowledge.index.crossvalidation import examples
from yizhan.dialogue.knowledge.index.evidence import consider
from yizhan.dialogue.knowledge.index.known_weights import DOUBT_SPREAD, KNOWN_WEIGHTS, SIGN_SPREAD
from yizhan.dialogue.knowledge.index.learn_weights import Example, learn_belief, learn_order
from yizhan.dialogue.knowledge.index.learner import learner
from yizhan.dialogue.knowledge.index.question import read, reread
from yizhan.dialogue.knowledge.index.sources import labels_of, sources
from yizhan.dialogue.knowledge.index.space import build
from yizhan.dialogue.knowledge.index.trained import Texts, read_entries
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes, Votes
from yizhan.dialogue.knowledge.index.weighing import Weights, belief, doubts, ranked

SEED = 20


@dataclass(frozen=True, slots=True)
class TrainedIndex:
    """``answer_from``: the threshold that keeps the promised precision; ``ask_from``: the one to ask back from.

    ``at``: what cross-validation found at ``answer_from``; ``points``: the whole risk-coverage curve. Both are empty
    for a release in which nothing can be left out.
    """

    texts: Texts
    votes: FullVotes | FewVotes
    weights: Weights
    answer_from: float
    ask_from: float
    at: Point | None
    points: tuple[Point, ...]


def train(entries: Sequence[Entry], precision: float, outside: Sequence[str] = (), seed: int = SEED) -> TrainedIndex:
    """``outside``: questions that must not be answered, where the business has some. Entries have phrasings, all of them."""
    texts = read_entries(entries)
    _, labels = labels_of(texts.asked)
    learning = learner(build([question.features for own in texts.asked for question in own]), len(entries))
    votes = learning.votes(labels, len(entries))
    found = examples(texts.asked, texts.told, learning, seed)
    del learning  # up to a gigabyte
    found += _outside(texts, votes, outside, found)
    weights = _weights(found)
    believed = [_believed(one, weights) for one in found]
    answer_from = threshold(believed, precision)
    points = curve(believed)
    at = min((point for point in points if point.threshold >= answer_from), key=lambda p: p.threshold, default=None)
    return TrainedIndex(
        texts, votes, weights, answer_from, asking_threshold(believed, answer_from), at, tuple(sampled(points))
    )


def _weights(found: Sequence[Example]) -> Weights:
    order = learn_order(found, KNOWN_WEIGHTS.order, SIGN_SPREAD)
    return Weights(order, learn_belief(found, Weights(order, KNOWN_WEIGHTS.belief), DOUBT_SPREAD))


def _outside(texts: Texts, votes: Votes, outside: Sequence[str], found: Sequence[Example]) -> list[Example]:
    """Questions known to be out of scope count as much as those that hiding entries made."""
    if not outside:
        return []
    knowledge = sources(texts.asked, texts.told, votes)
    weight = sum(one.weight for one in found if not one.in_scope) / len(outside) or 1.0
    questions = [read(text) for text in outside]
    meant = [reread(question, texts.respelling.read(question.text)) for question in questions]
    return [Example(consider(knowledge, question), -1, in_scope=False, weight=weight) for question in meant]


def _believed(one: Example, weights: Weights) -> Believed:
    if not one.considered.entries:
        return Believed(0.0, right=False, in_scope=one.in_scope, weight=one.weight)
    order = ranked(one.considered, weights)
    right = one.in_scope and order.places[0] == one.right
    offered = one.in_scope and one.right in order.places[:MOST_OPTIONS]
    return Believed(belief(doubts(one.considered, order), weights), right, one.in_scope, one.weight, offered)
