"""A supervisor who looks at a month sees when the business is open, and what decided it."""

import pytest

from yizhan.console.month import DayOfMonth, MonthInvalid, month_of
from yizhan.contract.file import parse_contract
from yizhan.contract.hours import shown
from yizhan.pb.v1 import routing_pb2 as pb

CONTRACT = parse_contract("""\
contract: office
calendars:
  desk:
    hours:
      mon-fri: ["09:00-12:00", "13:30-18:00"]
    holidays: CN
  hotline:
    hours: {daily: "08:00-20:00"}
handoff: {calendar: desk}
""")
STOCKTAKING = pb.Override(calendar="desk", day="2026-10-21", hours=["13:30-18:00"], reason="盘点")
PARTY = pb.Override(calendar="hotline", day="2026-10-21", reason="年会")


def days(calendar: str, month: str = "2026-10") -> dict[str, DayOfMonth]:
    doubtful = [pb.Unconfirmed(calendar="desk", days=["2026-10-30"])]
    found = {one.plan.name: one for one in month_of(CONTRACT, [STOCKTAKING, PARTY], doubtful, month)}
    return {one.day.isoformat(): one for one in found[calendar].days}


@pytest.mark.parametrize(
    ("calendar", "day", "hours", "usual", "reason"),
    [
        pytest.param("desk", "2026-10-20", "09:00-12:00 13:30-18:00", True, "", id="a day like every week"),
        pytest.param("desk", "2026-10-24", "", True, "", id="a Saturday off"),
        pytest.param("desk", "2026-10-01", "", False, "", id="a public holiday"),
        pytest.param("desk", "2026-10-10", "09:00-12:00 13:30-18:00", False, "", id="a make-up workday"),
        pytest.param("desk", "2026-10-21", "13:30-18:00", False, "盘点", id="a day with special hours"),
        pytest.param("hotline", "2026-10-21", "", False, "年会", id="a day that is closed"),
        pytest.param("hotline", "2026-10-01", "08:00-20:00", True, "", id="holidays that are worked"),
    ],
)
def test_a_day_has_its_hours_and_who_decided_them(
    calendar: str, day: str, hours: str, usual: bool, reason: str
) -> None:
    found = days(calendar)[day]
    assert " ".join(shown(span) for span in found.spans) == hours
    assert (found.spans == found.usual, found.reason, found.decided) == (usual, reason, bool(reason))


def test_a_day_that_is_not_sure_is_marked_in_its_calendar_alone() -> None:
    assert [day for day, one in days("desk").items() if one.unconfirmed] == ["2026-10-30"]
    assert not any(one.unconfirmed for one in days("hotline").values())


@pytest.mark.parametrize(("month", "length"), [("2026-02", 28), ("2028-02", 29), ("2026-12", 31)])
def test_a_month_has_all_its_days(month: str, length: int) -> None:
    assert len(days("desk", month)) == length


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "1999-01", "2026-11-01", "２０２６-11"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(MonthInvalid):
        days("desk", month)
