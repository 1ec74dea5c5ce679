"""What may still be sent to a customer until when."""

from datetime import UTC, datetime, timedelta

import pytest

from yizhan.channels.contract import Grant, Trigger
from yizhan.channels.store.windows import WindowRow
from yizhan.channels.windows import Purse, allowance

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RULES = {
    Trigger.MESSAGE: Grant(5, timedelta(hours=48)),
    Trigger.MENU: Grant(3, timedelta(minutes=1)),
    Trigger.SUBSCRIBE: Grant(3, timedelta(minutes=1)),
}


def row(trigger: str, ago: timedelta, spent: int = 0, closed: bool = False) -> WindowRow:
    return WindowRow("k", trigger, NOW - ago, spent, closed)


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("rows", "left", "until", "by", "quota"),
    [
        pytest.param([], 0, None, None, False, id="who never wrote cannot be written to"),
        pytest.param([row("message", HOUR)], 5, 47 * HOUR, Trigger.MESSAGE, False, id="a message opens 48 hours"),
        pytest.param([row("message", HOUR, 4)], 1, 47 * HOUR, Trigger.MESSAGE, False, id="one is left"),
        pytest.param([row("message", HOUR, 5)], 0, 47 * HOUR, None, True, id="five were sent: the number is spent"),
        pytest.param([row("message", 48 * HOUR)], 0, 0 * HOUR, None, False, id="after 48 hours the time is over"),
        pytest.param([row("message", 48 * HOUR - SECOND)], 5, SECOND, Trigger.MESSAGE, False, id="a second before"),
        pytest.param(
            [row("message", HOUR, 5), row("menu", 10 * SECOND)], 3, 50 * SECOND, Trigger.MENU, False,
            id="a pressed menu helps for a minute when the messages are spent",
        ),
        pytest.param(
            [row("message", HOUR, 2), row("menu", 10 * SECOND, 1)], 3, 47 * HOUR, Trigger.MENU, False,
            id="grants do not add up, and what ends first is used first",
        ),
        pytest.param([row("message", HOUR, 0, closed=True)], 0, None, None, False, id="who left cannot be written to"),
        pytest.param([row("enter", SECOND)], 0, None, None, False, id="a trigger without a grant opens nothing"),
        pytest.param([row("of a later version", SECOND)], 0, None, None, False, id="a trigger that is not known"),
    ],
)  # fmt: skip
def test_an_allowance_follows_from_what_the_customer_did(
    rows: list[WindowRow], left: int, until: timedelta | None, by: Trigger | None, quota: bool
) -> None:
    found = allowance(rows, RULES, NOW)
    assert (found.window.left, found.by, found.quota) == (left, by, quota)
    if until is None:
        assert found.window.until < NOW
    else:
        assert found.window.until == NOW + until
    assert found.window.open(NOW) == (by is not None)


def test_a_purse_goes_by_what_is_known_last() -> None:
    purse = Purse("k", RULES, [row("message", HOUR, 4)])
    assert purse.allowance(NOW).window.left == 1
    purse.known([row("message", HOUR, 5)])
    assert purse.allowance(NOW).by is None
    assert purse.allowance(NOW).quota


@pytest.mark.parametrize(("what", "quota"), [("closed", False), ("exhausted", True)])
def test_what_the_platform_says_counts_more_than_what_was_reckoned(what: str, quota: bool) -> None:
    purse = Purse("k", RULES, [row("message", HOUR)])
    getattr(purse, what)()
    allowed = purse.allowance(NOW)
    assert (allowed.by, allowed.quota) == (None, quota)
