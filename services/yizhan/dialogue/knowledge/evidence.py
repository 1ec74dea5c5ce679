"""How sure the matcher is: signs that an entry answers a question, and what each of them is worth.

The weights were fitted on questions whose right entry is known, in Chinese and in English, left-out paraphrases
included; ``evaluate`` measures what they give on any knowledge.
"""

import math
from dataclasses import dataclass

MAX_LEAD = 3.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Each sign is between 0 and 1; more speaks for the entry."""

    bm25: float
    """BM25 of the entry's phrasings taken together."""
    direction: float
    """Cosine between the question and the entry's phrasings on average."""
    edit: float
    """Similarity of spelling with the nearest phrasing."""
    covered: float
    """How much of the question occurs in the entry, its answer included."""
    concepts: float
    """How many of the things the question is about the entry is asked about too."""
    kind: float
    """Whether the entry is asked for the same kind of answer: a time, a place, a way."""


def strength(e: Evidence) -> float:
    """Orders entries for one question; says nothing about how good the best of them is."""
    return 1.0 * e.bm25 + 6.0 * e.direction + 6.3 * e.edit + 6.0 * e.covered + 1.7 * e.concepts + 0.55 * e.kind


def confidence(e: Evidence, known: float, lead: float) -> float:
    """The probability that the entry answers the question.

    ``known`` is the share of the question's words that the knowledge has at all; ``lead`` is how much stronger the
    entry is than the next one (or, negative, weaker than the strongest).
    """
    lead = max(-MAX_LEAD, min(MAX_LEAD, lead))
    evidence = -6.1 + 1.5 * e.direction + 1.1 * e.concepts + 0.65 * e.kind + 3.4 * known + 1.0 * lead
    return 1.0 / (1.0 + math.exp(-evidence))
