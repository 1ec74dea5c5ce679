"""Token buckets in this process: who may do something how often."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


class RateLimited(Exception):
    """The bucket is empty. After ``retry_after`` seconds there is enough in it for the same again."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:.1f} s")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Rate:
    """``capacity`` at once, refilled evenly so that an empty bucket is full after ``per_seconds``."""

    capacity: int
    per_seconds: float

    def __post_init__(self) -> None:
        if self.capacity < 1 or not self.per_seconds > 0:
            raise ValueError("a rate needs a capacity of at least 1 and a positive time")

    @property
    def refill(self) -> float:
        """Units a second."""
        return self.capacity / self.per_seconds


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """One bucket per key, at most ``max_keys`` of them: the one that was quiet the longest is forgotten first.

    Safe to use from several threads. Limits hold per process: with n replicas a key gets up to n times the rate.
    """

    def __init__(self, rate: Rate, *, max_keys: int = 10_000, monotonic: Callable[[], float] = time.monotonic) -> None:
        if max_keys < 1:
            raise ValueError("a rate limit needs room for at least one key")
        self._rate = rate
        self._max_keys = max_keys
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, key: str, cost: int = 1) -> None:
        """Take ``cost`` units from the key's bucket, or take none and raise RateLimited."""
        if not 0 < cost <= self._rate.capacity:
            raise ValueError(f"a cost of {cost} never fits a bucket of {self._rate.capacity}")
        with self._lock:
            bucket = self._filled(key)
            if bucket.left + _ROUNDING < cost:
                raise RateLimited((cost - bucket.left) / self._rate.refill)
            bucket.left = max(0.0, bucket.left - cost)

    def forget(self, key: str) -> None:
        """Give the key a full bucket again (after a successful sign-in, say)."""
        with self._lock:
            self._buckets.pop(key, None)

    def __len__(self) -> int:
        return len(self._buckets)

    def _filled(self, key: str) -> _Bucket:
        now = self._monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(self._rate.capacity), now)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(key)
        gained = max(0.0, now - bucket.at) * self._rate.refill
        bucket.left = min(float(self._rate.capacity), bucket.left + gained)
        bucket.at = now
        return bucket


_ROUNDING = 1e-9
"""Refills add up fractions; without this a client that waits exactly ``retry_after`` could be refused by a rounding error."""
