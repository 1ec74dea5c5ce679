"""The number of a message among all that is searched: it grows with the time, so that the newest are found without sorting.

Milliseconds since 1970 above, 20 bits below for what has the same: a part of the conversation's id, so that conversations seldom
meet, and the place within it, so that an answer stands after its question.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

_BITS = 20
_WITHIN = 8
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LAST = (1 << 63) - 1


def first_of(at: datetime) -> int:
    """The least number of this millisecond."""
    return max(0, (at - _EPOCH) // _MILLISECOND) << _BITS


def wanted_number(at: datetime, conversation_id: str, seq: int) -> int:
    """Where it would stand if nobody else stands there."""
    own = sum(conversation_id.encode()) * 2654435761 >> 7  # ids differ in few characters: spread what differs
    return first_of(at) | (own & ((1 << _BITS - _WITHIN) - 1)) << _WITHIN | seq & ((1 << _WITHIN) - 1)


def given_numbers(wanted: Sequence[int], taken: Collection[int]) -> Sequence[int]:
    """Each its own: the one it wants, or the next that nobody has; the following millisecond's, should this one be full."""
    gone = set(taken)
    given: list[int] = []
    for number in wanted:
        while number in gone:
            number += 1  # noqa: PLW2901 - the next one
        gone.add(number)
        given.append(number)
    return given
