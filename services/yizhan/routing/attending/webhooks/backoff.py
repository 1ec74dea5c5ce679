"""When a post is tried again, and when no more. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=1)
"""A system that is back is told so soon; until then its agents count as offline."""

LONGEST_FAILING: Final = timedelta(days=3)
"""After so long without one success nothing is posted any more until an operator says so; kept events stay kept."""

GONE: Final = "gone"
GAVE_UP: Final = "gave_up"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a post: a status, or the ``problem`` for which there is none. ``retry_after`` as the receiver asks."""

    status: int = 0
    problem: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """Those in a row so far."""

    tries: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """``next_try_at`` None: no more."""

    tries: int
    since: datetime
    problem: str
    next_try_at: datetime | None


def judge(answer: Answer, before: Failures, now: datetime, chance: float) -> Failed | None:
    """None: it was taken. ``chance`` (0 to 1) spreads the tries of many systems that failed at once."""
    if 200 <= answer.status < 300:
        return None
    tries, since = before.tries + 1, before.since or now
    if answer.status == HTTPStatus.GONE:
        return Failed(tries, since, GONE, None)
    if now - since >= LONGEST_FAILING:
        return Failed(tries, since, GAVE_UP, None)
    problem = answer.problem or f"status_{answer.status}"
    return Failed(tries, since, problem, now + max(_pause(tries, chance), _asked(answer)))


def _pause(tries: int, chance: float) -> timedelta:
    """Twice as long each time, up to the longest; between half of that and all of it."""
    full = min(FIRST_PAUSE * (1 << min(tries - 1, 16)), LONGEST_PAUSE)
    return full * (0.5 + chance / 2)


def _asked(answer: Answer) -> timedelta:
    """A receiver may ask for time, but not for more than the longest pause."""
    return min(answer.retry_after or timedelta(), LONGEST_PAUSE)
