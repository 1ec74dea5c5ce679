"""Times, shares and hours: what is written is what is meant, and what is shown can be written again."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies

from yizhan.contract.calendar import Span
from yizhan.contract.durations import LONGEST, NotADuration, duration, written
from yizhan.contract.hours import day_hours, shown, span, weekdays
from yizhan.contract.shares import NotAShare, percent, points, share

DURATIONS = {
    "10s": timedelta(seconds=10),
    "30m": timedelta(minutes=30),
    "2h": timedelta(hours=2),
    "1d12h": timedelta(hours=36),
    "90s": timedelta(seconds=90),
    "1d1h1m1s": timedelta(days=1, hours=1, minutes=1, seconds=1),
    "3650d": timedelta(days=3650),
}
NONE = [
    "",
    "0s",
    "0d0h",
    "10",
    "-5s",
    "1.5h",
    "10 s",
    "5s1m",
    "1h1h",
    "10S",
    "½h",
    "十秒",
    "3651d",
    "1h ",
    "99999999999s",
]


@pytest.mark.parametrize(("text", "length"), DURATIONS.items(), ids=DURATIONS)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(NotADuration):
        duration(text)


@given(strategies.integers(1, LONGEST // timedelta(seconds=1)))
def test_every_length_is_read_back_as_it_is_shown(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert duration(written(length)) == length


@given(*(strategies.integers(0, most) for most in (3000, 10_000, 100_000, 1_000_000)))
def test_the_parts_of_a_length_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    text = f"{days}d{hours}h{minutes}m{seconds}s"
    if timedelta() < length <= LONGEST:
        assert duration(text) == length
    else:
        with pytest.raises(NotADuration):
            duration(text)


@given(strategies.text(max_size=12))
def test_any_text_is_a_length_or_refused(text: str) -> None:
    try:
        length = duration(text)
    except NotADuration:
        return
    assert timedelta() < length <= LONGEST


def test_a_day_of_promised_time_is_shown_in_hours() -> None:
    """24 hours of a calendar that closes are several days."""
    shown_as = [written(timedelta(hours=hours)) for hours in (24, 36, 48, 72)]
    assert shown_as == ["24h", "36h", "48h", "3d"]


@pytest.mark.parametrize(
    ("text", "value"), [("95%", 0.95), ("0.95", 0.95), ("99.9%", 0.999), ("100%", 1.0), ("0", 0.0), ("1", 1.0)]
)
def test_a_share_is_read(text: str, value: float) -> None:
    assert share(text) == value
    assert share(percent(value)) == value


@pytest.mark.parametrize("text", ["", "95", "101%", "-1%", "1.2", "ninety", "95 %", "9e-1", "nan", "%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(NotAShare):
        share(text)


@given(strategies.integers(0, 1_000_000))
def test_every_share_is_read_back_as_it_is_shown(millionths: int) -> None:
    value = share(f"{millionths / 1_000_000:.6f}")
    assert share(percent(value)) == value


def test_points_are_out_of_a_hundred() -> None:
    assert (points("85"), points("100"), points("72.5")) == (85, 100, 72.5)
    for text in ("101", "85%", "-1", ""):
        with pytest.raises(NotAShare):
            points(text)


@given(strategies.integers(0, 1439), strategies.integers(1, 1440))
def test_hours_are_read_back_as_they_are_shown(start: int, length: int) -> None:
    hours = Span(start, min(start + length, 1440))
    assert span(shown(hours)) == hours


def test_hours_are_put_in_order_and_joined_where_they_touch() -> None:
    assert day_hours([Span(720, 800), Span(540, 600), Span(600, 720)]) == (Span(540, 800),)
    assert day_hours([]) == ()


def test_days_may_be_named_singly_in_ranges_and_all_at_once() -> None:
    assert weekdays("mon") == (0,)
    assert weekdays("Mon-Fri") == (0, 1, 2, 3, 4)
    assert weekdays("mon, wed, sat-sun") == (0, 2, 5, 6)
    assert weekdays("daily") == tuple(range(7))
