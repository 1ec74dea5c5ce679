"""The one place where releases meet the matching: training and packing an index, and opening it again.

Everything else knows bytes, a version and a ``Matcher``. scipy is imported where an index is trained, and nowhere else.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.archive import Unreadable
from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.features import FEATURES_VERSION
from yizhan.dialogue.knowledge.index.meaning import Vectors
from yizhan.dialogue.knowledge.index.packing import pack, unpack
from yizhan.dialogue.knowledge.index.trained import TrainedMatcher
from yizhan.dialogue.knowledge.index.weighing import DOUBTS
from yizhan.dialogue.knowledge.matcher import Matcher, NothingKnown

if TYPE_CHECKING:
    from yizhan.dialogue.knowledge.index.calibration import Calibrated

_SIGNS = hashlib.sha256(" ".join((*SIGNS, *DOUBTS)).encode()).hexdigest()[:6]

VERSION = f"votes-2.{FEATURES_VERSION}.{_SIGNS}"
"""Of the form of the bytes, the tokenizer and the features, and of the signs that are weighed.

An index of another version is never opened; its release is built anew. The first number rises whenever what is kept, or
what a sign says, means something else.
"""


_FIRST = "怎么退货 tuihuo"
"""Asked of every index that is opened: the dictionaries are loaded with the first question, and no customer waits for them."""


class IndexDamaged(Exception):
    """The bytes are no index of this version over these entries."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What answering from this probability on would do: the share of questions answered, and of answers right."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class Training:
    """What cross-validation found on the release's own phrasings. Shares are 0 to 1.

    ``precision`` and ``coverage`` are those at the answer threshold; 0 where nothing could be left out to ask.
    """

    answer_threshold: float
    clarify_threshold: float
    margin: float
    precision: float
    coverage: float
    curve: tuple[CurvePoint, ...] = ()

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.answer_threshold, self.clarify_threshold, self.margin)


@dataclass(frozen=True, slots=True)
class Trained:
    """An index as bytes. ``training`` is None where nothing is learned: the settings' thresholds hold."""

    data: bytes
    training: Training | None
    by_meaning: Training | None = None
    """Of questions whose meaning is known too; None without vectors, or where they find no more than words do."""


def train(
    targets: Sequence[Entry], precision: float, outside: Sequence[str] = (), vectors: Vectors | None = None
) -> Trained:
    """Index the targets (entries, and tasks by their phrasings). Takes long and much memory: in a process of its own.

    ``outside``: questions that are known to have no answer among the targets. ``vectors``: of the targets' phrasings, one
    target after the other, and of those questions, by one embedding model.
    """
    if not targets:
        return Trained(b"", None)
    from yizhan.dialogue.knowledge.index.training import train as trained

    made = trained(targets, precision, outside, vectors)
    by_meaning = _training(made.by_meaning) if made.by_meaning else None
    return Trained(pack(targets, made.index), _training(made.by_words), by_meaning)


def _training(found: "Calibrated") -> Training:
    return Training(
        answer_threshold=found.answer_from,
        clarify_threshold=found.ask_from,
        margin=0.0,
        precision=found.at.precision if found.at else 0.0,
        coverage=found.at.coverage if found.at else 0.0,
        curve=tuple(CurvePoint(point.threshold, point.coverage, point.precision) for point in found.points),
    )


def open_index(data: bytes, targets: Sequence[Entry]) -> Matcher:
    """The matcher over an index of ``VERSION``; call it in a thread. Raises IndexDamaged."""
    if not targets:
        return NothingKnown()
    try:
        matcher = TrainedMatcher(targets, unpack(data, targets))
    except Unreadable as error:
        raise IndexDamaged(str(error)) from error
    matcher.match(_FIRST)
    return matcher
