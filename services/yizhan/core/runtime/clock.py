"""Time is injected: whoever needs it takes a ``Clock`` (what time it is) or a ``Monotonic`` (how long it took)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Says what time it is, as an aware UTC datetime."""

Monotonic = Callable[[], float]
"""Seconds that never go back; only differences mean something."""


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


monotonic: Monotonic = time.monotonic
