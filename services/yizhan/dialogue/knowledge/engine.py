"""The one place where releases meet the matching: training and packing an index, and opening it again.

Everything else knows bytes, a version and a ``Matcher``. scipy is imported where an index is trained, and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.features import FEATURES_VERSION
from yizhan.dialogue.knowledge.index.packing import Unreadable, pack, unpack
from yizhan.dialogue.knowledge.index.trained import TrainedMatcher, read_entries
from yizhan.dialogue.knowledge.matcher import Matcher, NothingKnown

VERSION = f"votes-1.{FEATURES_VERSION}"
"""Of the tokenizer, the features and the form of the bytes. An index of another version is never opened."""


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


def train(targets: Sequence[Entry], precision: float, outside: Sequence[str] = ()) -> Trained:
    """Index the targets (entries, and tasks by their phrasings). Takes long and much memory: in a process of its own.

    ``outside``: questions that are known to have no answer among the targets.
    """
    if not targets:
        return Trained(b"", None)
    from yizhan.dialogue.knowledge.index.training import train as trained

    index = trained(targets, precision, outside)
    found = Training(
        answer_threshold=index.answer_from,
        clarify_threshold=index.ask_from,
        margin=0.0,
        precision=index.at.precision if index.at else 0.0,
        coverage=index.at.coverage if index.at else 0.0,
        curve=tuple(CurvePoint(point.threshold, point.coverage, point.precision) for point in index.points),
    )
    return Trained(pack(targets, index.votes, index.weights), found)


def open_index(data: bytes, targets: Sequence[Entry]) -> Matcher:
    """The matcher over an index of ``VERSION``; call it in a thread. Raises IndexDamaged."""
    if not targets:
        return NothingKnown()
    try:
        learned = unpack(data, targets)
    except Unreadable as error:
        raise IndexDamaged(str(error)) from error
    return TrainedMatcher(targets, read_entries(targets), learned.votes, learned.weights)
