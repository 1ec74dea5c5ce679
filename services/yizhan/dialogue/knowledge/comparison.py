"""Whether a release is worse than the one it would replace: on the same test questions, and by cross-validation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from yizhan.dialogue.knowledge.engine import CurvePoint
from yizhan.dialogue.knowledge.report import Figures, Finding, Outcome, QuestionResult, ReleaseReport, figures

NOISE = 0.01
"""Cross-validation draws other folds for other entries: a difference below this and two standard errors says nothing."""

_EQUAL = 1e-9


class FallKind(StrEnum):
    PRECISION = "precision"
    COVERAGE = "coverage"
    QUESTION = "question"
    VALIDATED = "validated"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fall:
    """One reason not to publish. ``detail``: the question, or the finding; ``before`` and ``after`` are shares."""

    kind: FallKind
    detail: str = ""
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """``before`` is None when nothing is published; ``against`` is the id of what is."""

    against: str
    before: Figures | None
    after: Figures
    falls: tuple[Fall, ...]


def compare(
    report: ReleaseReport, against: str, then: tuple[QuestionResult, ...] | None, before: ReleaseReport | None
) -> Comparison:
    """``then``: what the published release makes of this release's test questions; ``before``: its report, where kept."""
    falls = [Fall(FallKind.ERROR, _words(finding)) for finding in report.errors]
    was = figures(then) if then is not None else None
    now = report.figures
    if was is not None and then is not None:
        falls += _measured(was, now)
        falls += [Fall(FallKind.QUESTION, text) for text in _lost(then, report.results)]
    if before is not None:
        falls += _validated(before, report)
    return Comparison(against, was, now, tuple(falls))


def _measured(was: Figures, now: Figures) -> list[Fall]:
    found = []
    if now.precision < was.precision - _EQUAL:
        found.append(Fall(FallKind.PRECISION, "", was.precision, now.precision))
    if now.coverage < was.coverage - _EQUAL:
        found.append(Fall(FallKind.COVERAGE, "", was.coverage, now.coverage))
    return found


def mean_precision(curve: Sequence[CurvePoint]) -> float:
    """The area under the risk-coverage curve: how right answers are over all shares of questions that may be answered.

    Precision and coverage at one threshold jump when the threshold does, with a single entry; the whole curve moves only
    with the knowledge.
    """
    points = sorted((point.coverage, point.precision) for point in curve)
    starts = [(0.0, points[0][1]), *points[:-1]] if points else []
    return sum(
        (coverage - before) * (precision + was) / 2.0
        for (before, was), (coverage, precision) in zip(starts, points, strict=True)
    )


def _validated(before: ReleaseReport, after: ReleaseReport) -> list[Fall]:
    """Both from the releases' own phrasings, of which there may be few. An empty curve says nothing."""
    if not (before.training and after.training and before.training.curve and after.training.curve):
        return []
    was, now = mean_precision(before.training.curve), mean_precision(after.training.curve)
    phrasings = min(before.phrasings, after.phrasings)
    return [Fall(FallKind.VALIDATED, "", was, now)] if now < was - _noise(was, phrasings) else []


def _noise(share: float, phrasings: int) -> float:
    """Shares near 0 and 1 are those of few: no less than one phrasing either way."""
    spread = max(share * (1.0 - share), 1.0 / max(phrasings, 1))
    return NOISE + 2.0 * math.sqrt(spread / max(phrasings, 1))


def _lost(then: tuple[QuestionResult, ...], now: tuple[QuestionResult, ...]) -> list[str]:
    """The questions that were answered rightly and are no more."""
    right = {(result.text, result.expected) for result in then if result.outcome is Outcome.RIGHT}
    return [
        result.text for result in now if result.outcome is not Outcome.RIGHT and (result.text, result.expected) in right
    ]


def _words(finding: Finding) -> str:
    return f"{finding.kind.value}: {', '.join(finding.where)}: {finding.detail}"
