"""What is known of a release before anybody is answered from it: its own test questions, findings, and figures."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter

from yizhan.dialogue.knowledge.engine import Training


class Outcome(StrEnum):
    """What became of a test question. One that nothing may answer is ``right`` when nothing did."""

    RIGHT = "right"
    WRONG = "wrong"
    UNANSWERED = "unanswered"


class Severity(StrEnum):
    """An error keeps a release from being published, unless that is forced; a warning is for people to judge."""

    ERROR = "error"
    WARNING = "warning"


class FindingKind(StrEnum):
    SAME_PHRASING = "same_phrasing"
    ALIKE_PHRASINGS = "alike_phrasings"
    DIFFERENT_ANSWERS = "different_answers"
    UNKNOWN_VARIABLE = "unknown_variable"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNKNOWN_TARGET = "unknown_target"
    DOCUMENT_INVALID = "document_invalid"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """``expected`` is empty where nothing may answer; ``got`` is the target that did, or would have been nearest."""

    text: str
    expected: str
    got: str
    outcome: Outcome
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """``where``: the ids of entries, or the name of a document. ``detail`` is the phrasing, name or reason meant."""

    kind: FindingKind
    severity: Severity
    where: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Of test questions: ``precision`` of the answers given, ``coverage`` of the questions that have an answer.

    One over an empty set is 1: nothing was wrong, nothing was left out.
    """

    questions: int
    right: int
    wrong: int
    unanswered: int
    precision: float
    coverage: float


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """``findings`` are errors first; beyond ``MOST_FINDINGS`` of a kind they are only counted, in ``more``.

    ``embedding_model`` and ``dimension`` are of the vectors, where all texts have one; ``by_meaning`` is then what was found
    with them, None where they find no more than words. ``embedding_failed``: why texts have none though a model is set.
    """

    entries: int
    phrasings: int
    engine: str
    training: Training | None
    results: tuple[QuestionResult, ...]
    findings: tuple[Finding, ...]
    more: int
    seconds: float
    peak_mib: int
    by_meaning: Training | None = None
    embedding_model: str = ""
    dimension: int = 0
    embedding_failed: str = ""

    @property
    def figures(self) -> Figures:
        return figures(self.results)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


MOST_FINDINGS = 500

_REPORT = TypeAdapter(ReleaseReport)


def report_bytes(report: ReleaseReport) -> bytes:
    return _REPORT.dump_json(report)


def report_from(data: bytes) -> ReleaseReport:
    """Raises ValueError for what ``report_bytes`` did not make."""
    return _REPORT.validate_json(data)


def figures(results: tuple[QuestionResult, ...]) -> Figures:
    count = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    answerable = [result for result in results if result.expected]
    answered = [result for result in answerable if result.outcome is not Outcome.UNANSWERED]
    right = sum(result.outcome is Outcome.RIGHT for result in answered)
    given = right + count[Outcome.WRONG]  # an answer where there should be none is wrong too
    return Figures(
        questions=len(results),
        right=count[Outcome.RIGHT],
        wrong=count[Outcome.WRONG],
        unanswered=count[Outcome.UNANSWERED],
        precision=right / given if given else 1.0,
        coverage=len(answered) / len(answerable) if answerable else 1.0,
    )
