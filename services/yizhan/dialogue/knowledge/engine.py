"""The one place where releases meet the matching: training and packing an index, and opening it again.

Everything else knows bytes, a version and a ``Matcher``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Matcher, build
from yizhan.dialogue.knowledge.normalise import NORMALISER_VERSION

VERSION = f"lexical-1.{NORMALISER_VERSION}"
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
    """What cross-validation found on the release's own phrasings. Shares are 0 to 1."""

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


def train(targets: Sequence[Entry], precision: float) -> Trained:
    """Index the targets (entries, and tasks by their phrasings). Takes long and much memory: in a process of its own."""
    del targets, precision
    return Trained(b"", None)


def open_index(data: bytes, targets: Sequence[Entry]) -> Matcher:
    """The matcher over an index of ``VERSION``; call it in a thread. Raises IndexDamaged."""
    if data:
        raise IndexDamaged("no index of this version has any bytes")
    return build(targets)
