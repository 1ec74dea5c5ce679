"""Latencies as counts in geometric buckets: small, mergeable, and exact to a few per cent."""

import math
from collections.abc import Mapping

GROWTH = 1.1
"""Each bucket's upper bound is this many times the one before: a quantile is at most 10 % too high."""


def bucket_of(milliseconds: float) -> int:
    """The bucket of a latency; everything up to 0.1 ms is bucket 0."""
    if milliseconds <= 0.1:
        return 0
    return math.ceil(math.log(milliseconds / 0.1) / math.log(GROWTH))


def upper_bound(bucket: int) -> float:
    """The largest latency (ms) that falls into a bucket."""
    return float(0.1 * GROWTH**bucket)


def quantile(counts: Mapping[int, int], share: float) -> float:
    """The latency (ms) that ``share`` of the observations do not exceed; 0 without observations."""
    total = sum(counts.values())
    if not total:
        return 0.0
    rank = max(1, math.ceil(share * total))
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return upper_bound(bucket)
    return upper_bound(max(counts))
