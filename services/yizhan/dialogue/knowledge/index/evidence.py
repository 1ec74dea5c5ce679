"""What speaks for each of the entries that come into question: the same signs when learning and when answering."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from yizhan.dialogue.knowledge.index.features import PIECES, SOUNDS, WORDS
from yizhan.dialogue.knowledge.index.meaning import mixed
from yizhan.dialogue.knowledge.index.question import Question
from yizhan.dialogue.knowledge.index.sources import Sources
from yizhan.dialogue.knowledge.index.space import Floats
from yizhan.dialogue.knowledge.index.votes import log_shares
from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.synonyms import CONCEPT_OF
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
    "meant",  # likeness in meaning of the phrasing that means most the same; 0 where meaning is not known
    "meant_all",  # and of all phrasings on average
)
SHORTLIST = 8

_IS_CHINESE = re.compile(rf"[{CJK}]")
_USUALLY_KNOWN = 0.8

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
    """By how much the share of the question's words that the knowledge has at all differs from the usual one.

    0 where it is not asked in Chinese: shops say what their customers do in few Chinese words, and in many English ones.
    """
    length: int
    """How many telling words the question has."""
    strange: float
    """What part of all telling words the first one is, if the knowledge does not have it; else 0.

    What is spoken of stands first in Chinese, and the shorter a question is the less else says so: 电脑开不了机 is about a
    computer, however well a shop knows what to do when something does not start. 0 in other languages.
    """


def consider(
    sources: Sources, question: Question, most: int = SHORTLIST, *, meaning: Floats | None = None
) -> Considered:
    """The entries that may be meant, at most ``most``, in no order that means anything. None: nothing is shared.

    ``meaning``: the likeness in meaning to every row, where the votes of ``sources`` were learned with it.
    """
    likeness = sources.space.likeness(question.features)
    whole = likeness.whole if meaning is None else mixed(likeness.whole, meaning)
    votes = sources.votes.scores(whole)
    near = sources.best(whole)
    query = sources.postings.query(question.tokens)
    numbers = [number for number in query.numbers if number >= 0]
    bm25 = sources.bm25.scores(numbers, len(query.numbers) - len(numbers))
    told = sources.postings.coverage(query, _ALL_KINDS, answers=True)
    direction = sources.postings.direction(query)
    # Where nothing telling is asked, ``told`` is one half for everyone: an empty message would be like all entries.
    lexical = bm25 + direction + told if query.numbers else np.zeros_like(told)
    chosen = _shortlist(votes, near, lexical, most)
    chinese = bool(_IS_CHINESE.search(question.text))
    known = sources.postings.known_words(query) - _USUALLY_KNOWN if chinese else 0.0
    length = len(set(question.features.telling))
    strange = _strange(sources, question.features.telling) if chinese else 0.0
    if not chosen:
        return Considered((), np.zeros((0, len(SIGNS))), (), known, length, strange)
    at = np.array(chosen)
    shares = np.maximum(log_shares(votes), _LEAST_SHARE)
    rows = [sources.rows(entry) for entry in chosen]
    nearest = tuple(span.start + int(whole[span.start : span.stop].argmax()) for span in rows)
    spelt = [_spelling(sources, question, span, whole) for span in rows]
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
            *_meant(sources, meaning, at),
        ],
        axis=1,
    ).astype(np.float64)
    return Considered(tuple(chosen), signs, nearest, known, length, strange)


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


def _meant(sources: Sources, meaning: Floats | None, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
    if meaning is None:
        return np.zeros(len(at), np.float32), np.zeros(len(at), np.float32)
    rows = [sources.rows(int(entry)) for entry in at]
    average = np.array([meaning[span.start : span.stop].mean() for span in rows], np.float32)
    return sources.best(meaning)[at], average


def _strange(sources: Sources, telling: Sequence[str]) -> float:
    return 1.0 / len(telling) if telling and not _known(sources, telling[0]) else 0.0


def _known(sources: Sources, word: str) -> bool:
    views = sources.space.views
    if word in CONCEPT_OF or word in views[WORDS].numbers or (not word.isascii() and word in views[PIECES].numbers):
        return True
    return any(sources.postings.vocabulary.number(kind + word) >= 0 for kind in (WORD, MODIFIER, LATIN))


def _back(sources: Sources, question: Question, row: int) -> float:
    telling = sources.telling[row]
    if not telling:
        return 0.5
    asked = set(question.features.telling)
    return sum(word in asked for word in telling) / len(telling)
