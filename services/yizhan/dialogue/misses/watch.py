"""Which misses a customer's step shows, by what the session's last question was. Pure.

The rules are those of ``docs/learning.md``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from yizhan.dialogue.misses.alike import alike
from yizhan.dialogue.misses.miss import MOST_ANSWERS, Asked, Reason, Trail

REPHRASED_WITHIN = timedelta(minutes=5)
HUMAN_WITHIN = timedelta(minutes=10)
BAD = 2
"""The best rating that is a bad one."""


class Outcome(Enum):
    """What the assistant made of a step."""

    ANSWERED = auto()
    ASKED_BACK = auto()
    NO_ANSWER = auto()
    HUMAN = auto()
    COURTESY = auto()
    OTHER = auto()
    """A guard, a task, a picture: nothing that the knowledge was asked."""


@dataclass(frozen=True, slots=True)
class Step:
    """A customer's step. ``words`` are the normalised words, empty where none were written; ``asked`` is the question in
    them. ``chosen`` is the option of an ask-back that was pressed: ``NONE``, ``HUMAN`` or ``ENTRY``.
    """

    at: datetime
    outcome: Outcome
    asked: Asked
    words: str = ""
    chosen: str = ""
    of: str = ""
    """The message whose ask-back was pressed."""
    entry_id: str = ""
    """The entry that was answered."""


NONE, HUMAN, ENTRY = "none", "human", "entry"

Missed = tuple[Asked, Reason]


def judge(trail: Trail | None, step: Step) -> tuple[Trail | None, tuple[Missed, ...]]:
    """What is remembered from now on, and what was missed."""
    before = trail or Trail(step.at)
    if step.chosen:
        return _chosen(before, step)
    missed: list[Missed] = []
    if before.last is not None:
        reason = _reason(before, before.last, step)
        missed += [(before.last, reason)] if reason else []
    if step.outcome is Outcome.NO_ANSWER:
        missed.append((step.asked, Reason.NO_ANSWER))
    return _following(before, step), tuple(missed)


def judge_rating(trail: Trail | None, score: int) -> tuple[Trail | None, tuple[Missed, ...]]:
    """A session's rating (1 to 5): a bad one is told of the last answers, which it can only be told once."""
    if trail is None:
        return None, ()
    missed = tuple((asked, Reason.BAD_RATING) for asked in trail.answers) if score <= BAD else ()
    return None, missed


def _chosen(before: Trail, step: Step) -> tuple[Trail | None, tuple[Missed, ...]]:
    """A menu's option. Of a question that is not the last one the customer has already gone on."""
    last = before.last if before.last and before.last.message_id == step.of and not before.last.entry_id else None
    if step.chosen == ENTRY:
        if step.outcome is not Outcome.ANSWERED:
            return _closed(before, step), ()
        asked = replace(last or step.asked, entry_id=step.entry_id)
        return _answered(before, step, asked, before.words if last else ""), ()
    missed = ((last, Reason.HUMAN_INSTEAD if step.chosen == HUMAN else Reason.NONE_OF_THESE),) if last else ()
    return _closed(before, step), missed


def _reason(before: Trail, last: Asked, step: Step) -> Reason | None:
    """Why the question before this step was missed; None where it was not, or where that is not known."""
    if not last.entry_id:
        if step.outcome is Outcome.COURTESY or not step.words or step.asked.key == last.key:
            return None
        return Reason.HUMAN_INSTEAD if step.outcome is Outcome.HUMAN else Reason.SAID_ELSE
    if step.outcome is Outcome.HUMAN:
        return Reason.HUMAN_AFTER_ANSWER if step.at - before.at <= HUMAN_WITHIN else None
    if step.outcome not in (Outcome.ANSWERED, Outcome.ASKED_BACK, Outcome.NO_ANSWER) or not step.words:
        return None
    if step.at - before.at > REPHRASED_WITHIN or step.asked.key == last.key or not before.words:
        return None
    return Reason.REPHRASED if alike(before.words, step.words) else None


def _following(before: Trail, step: Step) -> Trail | None:
    match step.outcome:
        case Outcome.ANSWERED:
            return _answered(before, step, replace(step.asked, entry_id=step.entry_id), step.words)
        case Outcome.ASKED_BACK:
            return Trail(step.at, step.asked, step.words, before.answers)
        case Outcome.NO_ANSWER | Outcome.HUMAN:
            return None  # a human answers from here on
        case Outcome.COURTESY | Outcome.OTHER:
            still_open = before.last is not None and not before.last.entry_id
            if still_open and (step.outcome is Outcome.COURTESY or not step.words):
                return before
            return _closed(before, step)


def _answered(before: Trail, step: Step, asked: Asked, words: str) -> Trail:
    return Trail(step.at, asked, words, (*before.answers, asked)[-MOST_ANSWERS:])


def _closed(before: Trail, step: Step) -> Trail | None:
    """Nothing is open; the answers are still there to be rated, unless a human answers from here on."""
    if step.outcome in (Outcome.HUMAN, Outcome.NO_ANSWER) or not before.answers:
        return None
    return Trail(step.at, None, "", before.answers)
