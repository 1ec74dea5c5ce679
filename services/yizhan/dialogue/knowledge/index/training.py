"""Trains the index of a release: votes, weights and thresholds. Deterministic; needs scipy, time and memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yizhan.dialogue.knowledge.decide import MOST_OPTIONS
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.calibration import Believed, Calibrated, calibrated
from yizhan.dialogue.knowledge.index.crossvalidation import examples
from yizhan.dialogue.knowledge.index.evidence import consider
from yizhan.dialogue.knowledge.index.known_weights import DOUBT_SPREAD, KNOWN_BY_MEANING, KNOWN_WEIGHTS, SIGN_SPREAD
from yizhan.dialogue.knowledge.index.learn_weights import Example, learn_belief, learn_order
from yizhan.dialogue.knowledge.index.learner import learner
from yizhan.dialogue.knowledge.index.meaning import HalfVectors, Meanings, Vectors, meanings
from yizhan.dialogue.knowledge.index.packed_votes import halved
from yizhan.dialogue.knowledge.index.question import read, reread
from yizhan.dialogue.knowledge.index.sources import labels_of, sources
from yizhan.dialogue.knowledge.index.space import Floats, Space, build
from yizhan.dialogue.knowledge.index.trained import Felt, Index, Texts, index_of, read_entries
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes
from yizhan.dialogue.knowledge.index.weighing import Weights, belief, doubts, ranked

SEED = 20


@dataclass(frozen=True, slots=True)
class TrainedIndex:
    """``by_meaning`` is None where there are no vectors, or where they find no more than words do."""

    index: Index
    by_words: Calibrated
    by_meaning: Calibrated | None = None


def train(
    entries: Sequence[Entry],
    precision: float,
    outside: Sequence[str] = (),
    vectors: Vectors | None = None,
    seed: int = SEED,
) -> TrainedIndex:
    """``outside``: questions that must not be answered, where the business has some. Entries have phrasings, all of them."""
    texts = read_entries(entries)
    space = build([question.features for own in texts.asked for question in own])
    words = _learned(texts, space, precision, _Beyond(outside), None, seed)
    index = index_of(texts, words.votes, words.weights)
    if vectors is None:
        return TrainedIndex(index, words.calibrated)
    meaning = meanings(vectors.rows)
    both = _learned(texts, space, precision, _Beyond(outside, vectors.outside), meaning, seed)
    if both.calibrated.right < words.calibrated.right:
        return TrainedIndex(index, words.calibrated)
    index = replace(index, felt=Felt(meaning, both.votes, both.weights))
    return TrainedIndex(index, words.calibrated, both.calibrated)


@dataclass(frozen=True, slots=True)
class _Beyond:
    """Questions that must not be answered, with their vectors where these are used."""

    texts: Sequence[str]
    vectors: HalfVectors | None = None


@dataclass(frozen=True, slots=True)
class _Learned:
    votes: FullVotes | FewVotes
    weights: Weights
    calibrated: Calibrated


def _learned(
    texts: Texts, space: Space, precision: float, outside: _Beyond, meaning: Meanings | None, seed: int
) -> _Learned:
    _, labels = labels_of(texts.asked)
    learning = learner(space, len(texts.asked), meaning)
    votes = learning.votes(labels, len(texts.asked))
    found = examples(texts.asked, texts.told, learning, seed, meaning)
    del learning  # up to a gigabyte
    found += _outside(texts, votes, outside, found, meaning)
    weights = _weights(found, KNOWN_WEIGHTS if meaning is None else KNOWN_BY_MEANING)
    return _Learned(halved(votes), weights, calibrated([_believed(one, weights) for one in found], precision))


def _weights(found: Sequence[Example], known: Weights) -> Weights:
    order = learn_order(found, known.order, SIGN_SPREAD)
    return Weights(order, learn_belief(found, Weights(order, known.belief), DOUBT_SPREAD))


def _outside(
    texts: Texts,
    votes: FullVotes | FewVotes,
    outside: _Beyond,
    found: Sequence[Example],
    meaning: Meanings | None,
) -> list[Example]:
    """Questions known to be out of scope count as much as those that hiding entries made."""
    if not outside.texts:
        return []
    knowledge = sources(texts.asked, texts.told, votes)
    weight = sum(one.weight for one in found if not one.in_scope) / len(outside.texts) or 1.0
    questions = [read(text) for text in outside.texts]
    meant = [reread(question, texts.respelling.read(question.text)) for question in questions]
    felt: Sequence[Floats | None] = [None] * len(meant)
    if meaning is not None and outside.vectors is not None:
        felt = [meaning.likeness(vector) for vector in outside.vectors]
    return [
        Example(consider(knowledge, question, meaning=likeness), -1, in_scope=False, weight=weight)
        for question, likeness in zip(meant, felt, strict=True)
    ]


def _believed(one: Example, weights: Weights) -> Believed:
    if not one.considered.entries:
        return Believed(0.0, right=False, in_scope=one.in_scope, weight=one.weight)
    order = ranked(one.considered, weights)
    right = one.in_scope and order.places[0] == one.right
    offered = one.in_scope and one.right in order.places[:MOST_OPTIONS]
    return Believed(belief(doubts(one.considered, order), weights), right, one.in_scope, one.weight, offered)
