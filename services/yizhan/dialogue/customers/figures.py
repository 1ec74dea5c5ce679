"""What a customer's past comes to in figures and counts. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.conversation import State
from yizhan.dialogue.customers.rating import Rated

QUARTER = timedelta(days=90)
MONTH = timedelta(days=30)


class Figure(StrEnum):
    """What value tags are decided by."""

    CONVERSATIONS = "conversations"
    SESSIONS = "sessions"
    SESSIONS_90D = "sessions_90d"
    MESSAGES_90D = "messages_90d"
    HANDOFFS_30D = "handoffs_30d"
    HANDOFFS_90D = "handoffs_90d"
    RATINGS = "ratings"
    RATING_AVG = "rating_avg"
    RATING_LAST = "rating_last"
    CHANNELS = "channels"
    DAYS_KNOWN = "days_known"
    DAYS_SINCE_SEEN = "days_since_seen"


Figures = Mapping[Figure, float | None]
"""None: not known."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message of the last quarter. ``entry_id``: the entry that it answers from, if it is the assistant's."""

    conversation_id: str
    session: int
    by_customer: bool
    at: datetime
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The conversation went to the queue."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """All that figures are reckoned from. ``channels``: how many different kinds; the counts are of everything there is."""

    conversations: int
    sessions: int
    channels: int
    first_seen_at: datetime
    last_seen_at: datetime
    spoken: Sequence[Spoken] = ()
    handoffs: Sequence[HandedOff] = ()
    ratings: Sequence[Rated] = ()


def figures(past: Past, now: datetime) -> Figures:
    """Of now. Days are whole ones."""
    asked = [one for one in past.spoken if one.by_customer and one.at > now - QUARTER]
    recent = [one.at for one in past.handoffs if one.at > now - QUARTER]
    scores = [one.score for one in past.ratings]
    last = max(past.ratings, key=lambda one: (one.at, one.id), default=None)
    return {
        Figure.CONVERSATIONS: past.conversations,
        Figure.SESSIONS: past.sessions,
        Figure.SESSIONS_90D: len({(one.conversation_id, one.session) for one in asked}),
        Figure.MESSAGES_90D: len(asked),
        Figure.HANDOFFS_30D: sum(at > now - MONTH for at in recent),
        Figure.HANDOFFS_90D: len(recent),
        Figure.RATINGS: len(scores),
        Figure.RATING_AVG: round(sum(scores) / len(scores), 2) if scores else None,
        Figure.RATING_LAST: last.score if last else None,
        Figure.CHANNELS: past.channels,
        Figure.DAYS_KNOWN: (now - past.first_seen_at).days,
        Figure.DAYS_SINCE_SEEN: (now - past.last_seen_at).days,
    }


def topics(spoken: Iterable[Spoken], categories: Mapping[str, str]) -> Sequence[tuple[str, int]]:
    """The categories of entries that answered, the commonest first; entries without one are left out."""
    return ordered(Counter(categories.get(one.entry_id, "") for one in spoken if one.entry_id))


def ordered(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The greatest count first; without the empty name."""
    return sorted(((name, count) for name, count in counts.items() if name), key=lambda one: (-one[1], one[0]))


class _Before(BaseModel):
    model_config = ConfigDict(extra="ignore")

    state: int = int(State.BOT)


class _Outcome(BaseModel):
    model_config = ConfigDict(extra="ignore")

    state: int
    handoff_reason: str = ""


class _Basis(BaseModel):
    """The part of ``decisions.Basis`` that tells of a hand-off: the rest is large, and may be another version's."""

    model_config = ConfigDict(extra="ignore")

    before: _Before
    outcome: _Outcome


def handed_off(document: bytes, at: datetime) -> HandedOff | None:
    """The hand-off that a decision was, if it was one; None also for what cannot be read."""
    try:
        basis = _Basis.model_validate_json(document)
    except ValidationError:
        return None
    if basis.outcome.state != State.QUEUED or basis.before.state == State.QUEUED:
        return None
    return HandedOff(basis.outcome.handoff_reason, at)
