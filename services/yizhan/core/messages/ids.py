"""Identifiers: UUIDv7, so that ids made later sort later (RFC 9562, section 5.7)."""

import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

NewId = Callable[[], str]
"""Makes a new id; injected wherever ids are made, so that tests can seed it."""

_COUNTER_BITS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class _PooledBits:
    """Random bits from the system, asked for by the kilobyte: one call to it for many ids. Not safe across threads."""

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0

    def __call__(self, bits: int) -> int:
        if self._at + 8 > len(self._pool):
            self._pool = os.urandom(1024)
            self._at = 0
        drawn = int.from_bytes(self._pool[self._at : self._at + 8], "big")
        self._at += 8
        return drawn >> (64 - bits)


class Uuid7:
    """A monotonic UUIDv7 source: ids of one source are strictly increasing, also within a millisecond.

    The 12 bits after the time hold a counter (RFC 9562, section 6.2, method 1); when it overflows within
    one millisecond, the time runs ahead by one.
    """

    def __init__(
        self,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        random_bits: Callable[[int], int] | None = None,
    ) -> None:
        self._clock_ms = clock_ms
        self._random_bits = random_bits or _PooledBits()
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
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


new_id: NewId = Uuid7()


def least_id(at: datetime) -> str:
    """Before every UUIDv7 of this millisecond and later ones, and after those of earlier ones."""
    text = f"{max(0, (at - _EPOCH) // _MILLISECOND):012x}"
    return f"{text[:8]}-{text[8:]}"


def derived_id(*parts: str) -> str:
    """An id that is the same whenever the same parts are given (UUIDv5): for effects that may be repeated."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def handled_id(envelope_id: str) -> str:
    """The id of the event ``message.handled`` for an envelope: who knows the one knows the other."""
    return derived_id("handled", envelope_id)


_NAMESPACE = uuid.UUID("5f0c1c9e-5a0e-5d5c-9c5b-0b8b8f8a7d11")
