"""Ids sort by time and never repeat."""

import threading
import uuid
from datetime import UTC, datetime

import pytest

from yizhan.core.messages.ids import Uuid7, derived_id, least_id, new_id


def test_ids_are_version_7_of_the_rfc_variant() -> None:
    parsed = uuid.UUID(new_id())
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


@pytest.mark.parametrize(
    ("clock", "name"),
    [
        pytest.param([1000] * 6000, "the same millisecond, more often than the counter has room", id="burst"),
        pytest.param([1000, 999, 500, 1001], "a clock that is set back", id="set back"),
        pytest.param(list(range(100)), "a clock that goes on", id="going on"),
    ],
)
def test_later_ids_sort_later(clock: list[int], name: str) -> None:
    ticks = iter(clock)
    make = Uuid7(clock_ms=lambda: next(ticks), random_bits=lambda _: 0)
    made = [make() for _ in clock]
    assert made == sorted(set(made)), name


def test_the_time_of_an_id_is_when_it_was_made() -> None:
    made = Uuid7(clock_ms=lambda: 0x0123456789AB, random_bits=lambda bits: (1 << bits) - 1)()
    assert made.startswith("01234567-89ab-7")


def test_threads_make_different_ids() -> None:
    made: list[str] = []

    def work() -> None:
        made.extend(new_id() for _ in range(2000))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_a_derived_id_follows_from_its_parts_and_their_borders() -> None:
    assert derived_id("a", "bc") == derived_id("a", "bc")
    assert derived_id("a", "bc") != derived_id("ab", "c")


def test_the_least_id_of_a_moment_divides_what_was_made_before_from_the_rest() -> None:
    milliseconds = 1_795_320_000_000
    ids = [Uuid7(lambda: milliseconds + ago)() for ago in (-1000, -1, 0, 1, 1000)]  # noqa: B023 - called at once
    least = least_id(datetime.fromtimestamp(milliseconds / 1000, UTC))
    assert [one < least for one in ids] == [True, True, False, False, False]
