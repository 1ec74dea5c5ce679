"""Identifiers: UUIDv7, so that ids made later sort later (RFC 9562, section 5.7)."""

import secrets
import threading
import time
import uuid
from collections.abc import Callable

NewId = Callable[[], str]
"""Makes a new id; injected wherever ids are made, so that tests can seed it."""

_COUNTER_BITS = 12


class Uuid7:
    """A monotonic UUIDv7 source: ids of one source are strictly increasing, also within a millisecond.

    The 12 bits after the time hold a counter (RFC 9562, section 6.2, method 1); when it overflows within
    one millisecond, the time runs ahead by one.
    """

    def __init__(
        self,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._clock_ms = clock_ms
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last_ms = -1
        self._counter = 0

    def __call__(self) -> str:
        with self._lock:
            now = max(self._clock_ms(), self._last_ms)
            if now > self._last_ms:
                self._counter = self._random_bits(_COUNTER_BITS - 1)
            elif self._counter + 1 < 1 << _COUNTER_BITS:
                self._counter += 1
            else:
                now += 1
                self._counter = 0
            self._last_ms = now
            counter = self._counter
        value = (now & ((1 << 48) - 1)) << 80 | 7 << 76 | counter << 64 | 2 << 62 | self._random_bits(62)
        return str(uuid.UUID(int=value))


new_id: NewId = Uuid7()


def derived_id(*parts: str) -> str:
    """An id that is the same whenever the same parts are given (UUIDv5): for effects that may be repeated."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


_NAMESPACE = uuid.UUID("5f0c1c9e-5a0e-5d5c-9c5b-0b8b8f8a7d11")
