"""What signs are worth where nothing can be learned: found on other knowledge, Chinese and English, 1 to 10 phrasings.

Fitted on the demo shop's questions in ``tests/knowledge/heldout/dev.csv`` and on draws from the training parts of
CLINC150 (Larson et al. 2019) and BANKING77 (Casanueva et al. 2020), part of their entries hidden so that there was
something that must not be answered.
"""

from collections.abc import Mapping

from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Weights

_ORDER: Mapping[str, float] = {
    "share": 0.66,
    "votes": 0.78,
    "sounds": 0.9,
    "spelling": 4.8,
    "within": 0.61,
    "direction": 0.24,
    "told": 4.23,
    "things": 0.37,
    "concepts": 1.32,
    "kind": 0.41,
}
_BELIEF: Mapping[str, float] = {
    "share": 0.12,
    "direction": 0.29,
    "told": 0.08,
    "things": 0.19,
    "concepts": 1.22,
    "lead": 0.61,
    "known": 1.21,
    "length": 0.35,
    "one": -2.87,
}
_SPREAD: Mapping[str, float] = {
    "share": 0.99,
    "votes": 0.92,
    "near": 0.12,
    "words": 0.13,
    "pieces": 0.14,
    "sounds": 0.04,
    "spelling": 0.15,
    "within": 0.24,
    "bm25": 0.18,
    "direction": 0.14,
    "covered": 0.2,
    "told": 0.2,
    "things": 0.4,
    "concepts": 0.24,
    "kind": 0.35,
    "back": 0.25,
    "lead": 2.02,
    "known": 0.31,
    "length": 0.44,
    "near_lead": 0.13,
    "one": 1.0,
}

KNOWN_WEIGHTS = Weights(
    tuple(_ORDER.get(sign, 0.0) for sign in SIGNS), tuple(_BELIEF.get(sign, 0.0) for sign in DOUBTS)
)
SIGN_SPREAD = tuple(_SPREAD[sign] for sign in SIGNS)
DOUBT_SPREAD = tuple(_SPREAD[sign] for sign in DOUBTS)
"""How far signs usually differ from each other: what is learned is kept near the start in these units."""
