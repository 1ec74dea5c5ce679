"""Agents' answers against the contract: which news of a clock counts, and what came of it. Pure.

Routing reckons the clocks, in the open time of the contract and calendar that a case started under, and says both
versions with each start and each end. Here they are kept as they came: nothing is reckoned a second time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yizhan.core.messages.codec import moment
from yizhan.pb.v1.event_pb2 import Event


class Clock(StrEnum):
    FIRST = "agent_first_response"
    NEXT = "agent_next_response"


class Mark(StrEnum):
    START = "start"
    STOP = "stop"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """What came of a clock. The share in time is ``in_time`` of all but ``excluded``."""

    IN_TIME = "in_time"
    LATE = "late"
    """Answered, from the moment on that it was due."""
    MISSED = "missed"
    """Closed, given back or handed on when it was overdue already: ending it does not mend it."""
    EXCLUDED = "excluded"
    """Closed, given back or handed on before it was due: nobody was kept waiting longer than promised."""


Key = tuple[str, int, bool]
"""Whose clock, which of them, and whether it is its end: the first of these counts."""


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """The start or the end of a clock, with everything that the figure is made of.

    ``contract`` and ``calendar`` are versions. ``open_ms``, of an end: milliseconds since the start in which the
    calendar was open; what passed besides were pauses. ``reason``: why it was cancelled. ``source``: the event.
    """

    case_id: str
    number: int
    workspace: str
    channel: str
    conversation_id: str
    agent_id: str
    clock: Clock
    mark: Mark
    at: datetime
    due_at: datetime
    contract: str
    calendar: str
    open_ms: int
    reason: str
    source: str

    @property
    def key(self) -> Key:
        return self.case_id, self.number, self.mark is not Mark.START

    @property
    def outcome(self) -> Outcome | None:
        """None of a start."""
        if self.mark is Mark.START:
            return None
        in_time = self.at < self.due_at
        if self.mark is Mark.STOP:
            return Outcome.IN_TIME if in_time else Outcome.LATE
        return Outcome.EXCLUDED if in_time else Outcome.MISSED


@dataclass(frozen=True, slots=True)
class Sorted:
    """Marks that count, and those that came again."""

    new: Sequence[AnswerMark]
    repeated: Sequence[AnswerMark]


def answer_mark(event: Event) -> AnswerMark | None:
    """What an ``answer.timed`` says; None when a later version speaks of a clock or mark that is not known here."""
    timed = event.answer_timed
    try:
        clock, mark = Clock(timed.clock), Mark(timed.mark)
    except ValueError:
        return None
    return AnswerMark(
        case_id=timed.case_id,
        number=timed.number,
        workspace=event.address.workspace,
        channel=event.address.channel,
        conversation_id=event.conversation_id,
        agent_id=timed.agent_id,
        clock=clock,
        mark=mark,
        at=moment(timed.at),
        due_at=moment(timed.due_at),
        contract=timed.contract,
        calendar=timed.calendar,
        open_ms=timed.open_ms,
        reason=timed.reason,
        source=event.id,
    )


def sort(marks: Iterable[AnswerMark], known: Collection[Key]) -> Sorted:
    """Which marks count. An end counts also when its start has not come yet: it says all that the figure needs."""
    seen = set(known)
    new: list[AnswerMark] = []
    repeated: list[AnswerMark] = []
    for mark in marks:
        (repeated if mark.key in seen else new).append(mark)
        seen.add(mark.key)
    return Sorted(new, repeated)


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """A clock over some time. ``waiting``: nobody has answered, and it is overdue. ``open_ms``: of answers, ascending."""

    clock: Clock
    in_time: int = 0
    late: int = 0
    missed: int = 0
    excluded: int = 0
    waiting: int = 0
    open_ms: Sequence[int] = ()

    @property
    def counted(self) -> int:
        return self.in_time + self.not_in_time

    @property
    def not_in_time(self) -> int:
        return self.late + self.missed + self.waiting
