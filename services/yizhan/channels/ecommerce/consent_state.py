"""How it stands with the consent of a shop's seller."""

from datetime import datetime, timedelta
from enum import StrEnum

from yizhan.channels.store.grants import GrantRow

SOON = timedelta(days=7)
"""Before the end of a consent somebody is told."""


class ConsentState(StrEnum):
    GOOD = "good"
    ENDING = "ending"
    MISSING = "missing"
    OVER = "over"


def state_of(row: GrantRow | None, now: datetime) -> ConsentState:
    """How it stands with the consent of a shop that needs one."""
    if row is None:
        return ConsentState.MISSING
    if row.refused_at is not None or (row.ends_at is not None and row.ends_at <= now):
        return ConsentState.OVER
    return ConsentState.ENDING if row.ends_at is not None and row.ends_at - now < SOON else ConsentState.GOOD
