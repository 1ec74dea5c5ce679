"""A session in a model's words, as far as they stand on its messages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.customers.summary import LineKind
from yizhan.dialogue.models import faithful
from yizhan.dialogue.models.grounding import Supported
from yizhan.dialogue.models.word_session import Claimed

SUPPORTED = "supported"
UNKNOWN_MESSAGE = "unknown_message"


@dataclass(frozen=True, slots=True)
class WordedLine:
    """``kind`` is SAID or ANSWERED: whose messages it is taken from, all of them one side's."""

    kind: LineKind
    text: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """No lines where nothing came of it. ``result`` is a static name."""

    result: str
    lines: tuple[WordedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """``verdicts``: of each line, static names."""

    lines: tuple[WordedLine, ...]
    verdicts: tuple[str, ...]


def judged(claims: Sequence[Claimed]) -> Judged:
    """Which lines may be shown, and what is wrong with the others."""
    verdicts = [_verdict(claim) for claim in claims]
    lines = [_line(claim) for claim, verdict in zip(claims, verdicts, strict=True) if verdict == SUPPORTED]
    return Judged(tuple(lines), tuple(verdicts))


def _verdict(claim: Claimed) -> str:
    if claim.cited is None:
        return UNKNOWN_MESSAGE
    cited = [faithful.Spoken(one.by == "customer", one.text) for one in claim.cited]
    verdict = faithful.check(claim.text, cited)
    return SUPPORTED if isinstance(verdict, Supported) else verdict.reason


def _line(claim: Claimed) -> WordedLine:
    cited = claim.cited or ()
    by_customer = all(one.by == "customer" for one in cited)
    kind = LineKind.SAID if by_customer else LineKind.ANSWERED
    return WordedLine(kind, claim.text, tuple(one.seq for one in cited))
