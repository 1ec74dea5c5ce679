"""Who consumes which partition."""

import random
from collections import Counter
from statistics import mean

import pytest
from hypothesis import given, strategies as st

from yizhan.core.store.membership import spread

NAMES = [f"host-{number:08x}" for number in random.Random(7).sample(range(1 << 32), 200)]


def sizes(members: list[str], partitions: int) -> list[int]:
    counted = Counter(spread(members, partitions).values())
    return sorted(counted[name] for name in members)


@pytest.mark.parametrize(
    ("members", "partitions", "shares"),
    [
        (0, 16, []),
        (1, 16, [16]),
        (2, 16, [8, 8]),
        (3, 16, [5, 5, 6]),
        (4, 16, [4, 4, 4, 4]),
        (5, 16, [3, 3, 3, 3, 4]),
        (16, 16, [1] * 16),
        (17, 16, [0] + [1] * 16),
        (2, 1, [0, 1]),
        (3, 64, [21, 21, 22]),
        (2, 0, [0, 0]),
    ],
)
def test_everyone_has_the_same_give_or_take_one(members: int, partitions: int, shares: list[int]) -> None:
    for start in range(0, 100, 20):
        assert sizes(NAMES[start : start + members], partitions) == shares


@given(st.sets(st.text(max_size=8), max_size=20), st.integers(0, 64))
def test_any_members_and_partitions(members: set[str], partitions: int) -> None:
    owners = spread(list(members), partitions)
    if not members:
        assert owners == {}
        return
    assert sorted(owners) == list(range(partitions))
    counted = Counter(owners.values())
    shares = [counted[name] for name in members]
    assert max(shares) - min(shares) <= 1


def test_every_replica_computes_the_same_whatever_order_it_sees() -> None:
    members = NAMES[:6]
    for seed in range(5):
        shuffled = random.Random(seed).sample(members, len(members))
        assert spread(shuffled + shuffled[:2], 16) == spread(members, 16)


def test_it_is_the_same_in_every_version() -> None:
    """Replicas of two versions run side by side during a roll-out."""
    assert "".join(spread(["a", "b", "c"], 16)[number] for number in range(16)) == "ccaabccababcbbab"


@pytest.mark.parametrize("members", [2, 3, 4, 5, 8])
def test_a_change_of_one_member_moves_little_more_than_it_must(members: int) -> None:
    moves, partitions = list[int](), 16
    for start in range(0, 180, 3):
        before = spread(NAMES[start : start + members], partitions)
        after = spread(NAMES[start : start + members + 1], partitions)
        moves.append(sum(before[number] != after[number] for number in before))
    must = partitions / (members + 1)
    assert mean(moves) <= must + 2.5
    assert max(moves) <= must + 6


def test_who_stays_keeps_most_when_one_of_two_is_replaced() -> None:
    kept = [
        sum(spread([first, gone], 16)[number] == first == spread([first, new], 16)[number] for number in range(16))
        for first, gone, new in zip(NAMES[::3], NAMES[1::3], NAMES[2::3], strict=False)
    ]
    assert mean(kept) >= 4.5  # of 8
