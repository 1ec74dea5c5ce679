"""What speaks for each of the entries that come into question: the same signs when learning and when answering."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from yizhan.dialogue.knowledge.index.features import PIECES, SOUNDS, WORDS
from yizhan.dialogue.knowledge.index.question import Question
from yizhan.dialogue.knowledge.index.sources import Sources
from yizhan.dialogue.knowledge.index.space import Floats
from yizhan.dialogue.knowledge.index.votes import log_shares
from yizhan.dialogue.knowledge.tokens import CHARACTER, CONCEPT, LATIN, MODIFIER, PAIR, QUESTION, WORD

SIGNS = (
    "share",  # logarithm of the entry's share of the votes
    "votes",
    "near",  # likeness of the nearest phrasing
    "words",
    "pieces",
    "sounds",
    "spelling",  # of the phrasing spelt most alike
    "within",  # a phrasing standing inside a longer question
    "bm25",
    "direction",
    "covered",  # of what is asked, how much the entry's phrasings speak of
    "told",  # and its answer
    "things",  # of the words that name things and deeds, how many the entry or its answer has
    "concepts",
    "kind",
    "back",  # of what the nearest phrasing speaks of, how much is asked
)
SHORTLIST = 8

_ALL_KINDS = WORD + MODIFIER + PAIR + CHARACTER + CONCEPT + QUESTION + LATIN
_THINGS = WORD + LATIN
_LEAST_SHARE = -12.0
_SPELT = 6
"""Rows of an entry whose spelling is compared: the nearest ones."""

Signs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Considered:
    """``entries``: positions; ``signs``: a row for each of them in the order of ``SIGNS``; ``nearest``: their rows."""

    entries: tuple[int, ...]
    signs: Signs
    nearest: tuple[int, ...]
    known: float
    """The share of the question's words that the knowledge has at all."""
    length: int
    """How many telling words the question has."""


def consider(sources: Sources, question: Question, most: int = SHORTLIST) -> Considered:
    """The entries that may be meant, at most ``most``, in no order that means anything. None: nothing is shared."""
    likeness = sources.space.likeness(question.features)
    votes = sources.votes.scores(likeness.whole)
    near = sources.best(likeness.whole)
    query = sources.postings.query(question.tokens)
    numbers = [number for number in query.numbers if number >= 0]
    bm25 = sources.bm25.scores(numbers, len(query.numbers) - len(numbers))
    told = sources.postings.coverage(query, _ALL_KINDS, answers=True)
    direction = sources.postings.direction(query)
    # Where nothing telling is asked, ``told`` is one half for everyone: an empty message would be like all entries.
    lexical = bm25 + direction + told if query.numbers else np.zeros_like(told)
    chosen = _shortlist(votes, near, lexical, most)
    known = sources.postings.known_words(query)
    length = len(set(question.features.telling))
    if not chosen:
        return Considered((), np.zeros((0, len(SIGNS))), (), known, length)
    at = np.array(chosen)
    shares = np.maximum(log_shares(votes), _LEAST_SHARE)
    rows = [sources.rows(entry) for entry in chosen]
    nearest = tuple(span.start + int(likeness.whole[span.start : span.stop].argmax()) for span in rows)
    spelt = [_spelling(sources, question, span, likeness.whole) for span in rows]
    signs = np.stack(
        [
            shares[at],
            votes[at],
            near[at],
            sources.best(likeness.views[WORDS])[at],
            sources.best(likeness.views[PIECES])[at],
            sources.best(likeness.views[SOUNDS])[at],
            np.array([ratio for ratio, _ in spelt]),
            np.array([within for _, within in spelt]),
            bm25[at],
            direction[at],
            sources.postings.coverage(query, _ALL_KINDS, answers=False)[at],
            told[at],
            sources.postings.coverage(query, _THINGS, answers=True)[at],
            sources.postings.coverage(query, CONCEPT, answers=False)[at],
            sources.postings.coverage(query, QUESTION, answers=False)[at],
            np.array([_back(sources, question, row) for row in nearest]),
        ],
        axis=1,
    ).astype(np.float64)
    return Considered(tuple(chosen), signs, nearest, known, length)


def _shortlist(votes: Floats, near: Floats, lexical: Signs, most: int) -> list[int]:
    """The first by each way of looking, those of the votes first. Of equals the one that was written first."""
    found: dict[int, None] = {}
    ways: Sequence[tuple[NDArray[np.floating], int]] = ((votes, most), (near, most // 2), (lexical, most // 2))
    for scores, count in ways:
        if float(scores.max(initial=0.0)) > 0.0:
            # A partial sort first: there may be tens of thousands.
            top = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
            ordered = top[np.lexsort((top, -scores[top]))]
            found.update(dict.fromkeys(int(entry) for entry in ordered))
    return [entry for entry in found if near[entry] > 0.0 or lexical[entry] > 0.0]


def _spelling(sources: Sources, question: Question, rows: range, whole: Floats) -> tuple[float, float]:
    own = whole[rows.start : rows.stop]
    places = np.argsort(-own, kind="stable")[:_SPELT]
    texts = [sources.texts[rows.start + int(place)] for place in places]
    ratio = max(fuzz.ratio(question.text, text) for text in texts) / 100.0
    within = max(fuzz.partial_ratio(text, question.text) if len(text) <= len(question.text) else 0.0 for text in texts)
    return ratio, within / 100.0


def _back(sources: Sources, question: Question, row: int) -> float:
    telling = sources.telling[row]
    if not telling:
        return 0.5
    asked = set(question.features.telling)
    return sum(word in asked for word in telling) / len(telling)
