"""Whoever runs the gateway is warned, weeks before, that a calendar's holidays are not arranged yet."""

from datetime import UTC, datetime

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.contract.standard import standard
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.calendar_watch import count_unconfirmed
from yizhan.routing.terms import TermsBook

OFFICE = """\
contract: office
calendars:
  desk:
    hours: {mon-fri: "09:00-18:00"}
    holidays: CN
handoff: {calendar: desk}
"""
UNKNOWN_YEAR = datetime(2049, 9, 20, 2, 0, tzinfo=UTC)
"""No arrangement of that year is known to anybody; National Day, statutory, is eleven days away."""

KNOWN_YEAR = datetime(2025, 9, 20, 2, 0, tzinfo=UTC)


async def published(database: Database, bus: RecordingBus, clock: SteppedClock, at: datetime, text: str) -> Desk:
    desk = desk_on(database, bus, clock)
    clock.step((at - clock()).total_seconds())
    await desk.agent("ann")
    if text:
        asked = pb.PublishContractRequest(workspace=SHOP, text=text, by="sue")
        await desk.api.PublishContract(asked, NO_CONTEXT)
    return desk


async def counted(desk: Desk) -> int:
    return await count_unconfirmed(desk.database, TermsBook(standard()), desk.clock)


@pytest.mark.parametrize(
    ("at", "text", "warns"),
    [
        pytest.param(UNKNOWN_YEAR, OFFICE, True, id="a festival comes whose arrangement nobody knows"),
        pytest.param(KNOWN_YEAR, OFFICE, False, id="the arrangement is known"),
        pytest.param(UNKNOWN_YEAR, OFFICE.replace("CN", "DE"), False, id="the law settles the holidays"),
        pytest.param(UNKNOWN_YEAR, "", False, id="the standard contract is never closed"),
    ],
)
async def test_days_are_counted_that_are_not_sure(
    database: Database, bus: RecordingBus, clock: SteppedClock, at: datetime, text: str, warns: bool
) -> None:
    desk = await published(database, bus, clock, at, text)
    assert (await counted(desk) > 0) is warns


async def test_what_is_counted_is_what_the_console_shows_and_a_decided_day_is_sure(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = await published(database, bus, clock, UNKNOWN_YEAR, OFFICE)
    before = await counted(desk)
    shown = (await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)).unconfirmed
    assert before == sum(len(one.days) for one in shown)
    given = pb.Override(calendar="desk", day=shown[0].days[0], reason="国庆节", by="sue")
    await desk.api.PutOverride(pb.PutOverrideRequest(workspace=SHOP, override=given), NO_CONTEXT)
    assert await counted(desk) < before
