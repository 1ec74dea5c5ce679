"""Nobody gets more than the bucket holds, and nobody waits longer than it takes to refill."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies as st

from yizhan.core.security.ratelimit import Rate, RateLimit, RateLimited


class Watch:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def allowed(limit: RateLimit, key: str, times: int) -> int:
    """How many of so many tries get through."""
    passed = 0
    for _ in range(times):
        try:
            limit.spend(key)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_a_full_bucket_gives_its_capacity_and_then_says_how_long_to_wait() -> None:
    limit = RateLimit(Rate(3, per_seconds=60), monotonic=Watch())
    assert allowed(limit, "a", 3) == 3
    with pytest.raises(RateLimited) as refused:
        limit.spend("a")
    assert refused.value.retry_after == pytest.approx(20)


def test_who_waits_as_told_is_let_through() -> None:
    watch = Watch()
    limit = RateLimit(Rate(7, per_seconds=60), monotonic=watch)
    allowed(limit, "a", 7)
    for _ in range(100):
        with pytest.raises(RateLimited) as refused:
            limit.spend("a")
        watch.at += refused.value.retry_after
        limit.spend("a")


def test_one_key_does_not_pay_for_another() -> None:
    limit = RateLimit(Rate(1, per_seconds=60), monotonic=Watch())
    assert allowed(limit, "a", 2) == 1
    assert allowed(limit, "b", 2) == 1


def test_a_long_pause_fills_the_bucket_and_no_more() -> None:
    watch = Watch()
    limit = RateLimit(Rate(5, per_seconds=1), monotonic=watch)
    allowed(limit, "a", 5)
    watch.at += 3600
    assert allowed(limit, "a", 10) == 5


def test_a_refused_try_costs_nothing() -> None:
    watch = Watch()
    limit = RateLimit(Rate(2, per_seconds=2), monotonic=watch)
    allowed(limit, "a", 100)
    watch.at += 1
    limit.spend("a")


def test_a_clock_that_stands_still_or_goes_back_gives_nothing_away() -> None:
    watch = Watch()
    limit = RateLimit(Rate(1, per_seconds=10), monotonic=watch)
    limit.spend("a")
    watch.at -= 100
    with pytest.raises(RateLimited):
        limit.spend("a")


def test_memory_is_bounded_and_the_quietest_key_is_forgotten() -> None:
    limit = RateLimit(Rate(1, per_seconds=60), max_keys=100, monotonic=Watch())
    limit.spend("busy")
    for number in range(10_000):
        limit.spend(f"key {number}")
        assert allowed(limit, "busy", 1) == 0
    assert len(limit) == 100


def test_forgiven_is_forgotten() -> None:
    limit = RateLimit(Rate(1, per_seconds=60), monotonic=Watch())
    limit.spend("a")
    limit.forget("a")
    limit.spend("a")
    limit.forget("nobody")


def test_parallel_spending_never_exceeds_the_capacity() -> None:
    limit = RateLimit(Rate(500, per_seconds=1e9))
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: allowed(limit, "a", 200), range(8))) == 500


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 4)), max_size=60))
def test_over_any_stretch_no_more_than_capacity_plus_refill_is_spent(steps: list[tuple[float, int]]) -> None:
    watch, spent, longest = Watch(), 0, 0.0
    limit = RateLimit(Rate(4, per_seconds=8), monotonic=watch)
    for pause, cost in steps:
        watch.at += pause
        try:
            limit.spend("a", cost)
            spent += cost
        except RateLimited as refused:
            longest = max(longest, refused.retry_after)
        assert spent <= 4 + watch.at * 0.5 + 1e-6
    assert longest <= 8


@pytest.mark.parametrize("make", [lambda: Rate(0, 1), lambda: Rate(1, 0), lambda: Rate(1, float("nan"))])
def test_a_rate_that_never_lets_through_is_a_mistake(make: object) -> None:
    with pytest.raises(ValueError, match="rate"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("cost", [0, -1, 6])
def test_a_cost_that_never_fits_is_a_mistake(cost: int) -> None:
    with pytest.raises(ValueError, match="cost"):
        RateLimit(Rate(5, 1)).spend("a", cost)
