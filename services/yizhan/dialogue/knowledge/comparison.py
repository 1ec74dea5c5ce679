"""Whether a release is worse than the one it would replace: on the same test questions, and by cross-validation."""

from dataclasses import dataclass
from enum import StrEnum

from yizhan.dialogue.knowledge.report import Figures, Finding, Outcome, QuestionResult, ReleaseReport, figures

NOISE = 0.01
"""Cross-validation draws other folds for other entries: a difference below this says nothing."""

_EQUAL = 1e-9


class FallKind(StrEnum):
    PRECISION = "precision"
    COVERAGE = "coverage"
    QUESTION = "question"
    VALIDATED_PRECISION = "validated_precision"
    VALIDATED_COVERAGE = "validated_coverage"
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
    if before is not None and before.training is not None and report.training is not None:
        old, new = before.training, report.training
        if new.precision < old.precision - NOISE:
            falls.append(Fall(FallKind.VALIDATED_PRECISION, "", old.precision, new.precision))
        if new.coverage < old.coverage - NOISE:
            falls.append(Fall(FallKind.VALIDATED_COVERAGE, "", old.coverage, new.coverage))
    return Comparison(against, was, now, tuple(falls))


def _measured(was: Figures, now: Figures) -> list[Fall]:
    found = []
    if now.precision < was.precision - _EQUAL:
        found.append(Fall(FallKind.PRECISION, "", was.precision, now.precision))
    if now.coverage < was.coverage - _EQUAL:
        found.append(Fall(FallKind.COVERAGE, "", was.coverage, now.coverage))
    return found


def _lost(then: tuple[QuestionResult, ...], now: tuple[QuestionResult, ...]) -> list[str]:
    """The questions that were answered rightly and are no more."""
    right = {(result.text, result.expected) for result in then if result.outcome is Outcome.RIGHT}
    return [
        result.text for result in now if result.outcome is not Outcome.RIGHT and (result.text, result.expected) in right
    ]


def _words(finding: Finding) -> str:
    return f"{finding.kind.value}: {', '.join(finding.where)}: {finding.detail}"
