"""Which releases of the knowledge may go for their age."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import NOON
from yizhan.dialogue.retention.outdated import Life, outdated

YEAR = timedelta(days=365)


def lives(*days_ago: int, workspace: str = "shop") -> list[Life]:
    """The first is number 1; each ended so many days ago."""
    return [
        Life(f"{workspace}-{number}", workspace, number, NOON - timedelta(days=days))
        for number, days in enumerate(days_ago, 1)
    ]


@pytest.mark.parametrize(
    ("found", "needed", "last", "gone"),
    [
        pytest.param(lives(900, 800, 10, 5), (), 2, ["shop-1", "shop-2"], id="the old ones go, the oldest first"),
        pytest.param(lives(800, 900, 10, 5), (), 2, ["shop-2", "shop-1"], id="by when they were of use last"),
        pytest.param(lives(900, 800, 700), (), 2, ["shop-1"], id="the newest numbers stay whatever their age"),
        pytest.param(lives(900, 800, 700), (), 10, [], id="few stay all"),
        pytest.param(lives(900, 800, 10, 5), ("shop-1",), 2, ["shop-2"], id="what is published stays"),
        pytest.param(lives(364, 366, 5, 4), (), 2, ["shop-2"], id="a year is a year"),
    ],
)
def test_what_may_go(found: list[Life], needed: Sequence[str], last: int, gone: list[str]) -> None:
    assert [life.id for life in outdated(found, {"shop": needed}, NOON - YEAR, last)] == gone


def test_every_workspace_keeps_its_own() -> None:
    found = [*lives(900, 800, 700), *lives(900, 800, 700, workspace="bank")]
    assert [life.id for life in outdated(found, {}, NOON - YEAR, 2)] == ["shop-1", "bank-1"]
