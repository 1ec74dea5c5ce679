"""Hand-offs in the hours of a contract: off hours, closing time, lunch, and clocks that keep what they started under."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import Case, CaseState

OFFICE = """\
contract: office
zone: Asia/Shanghai
calendars:
  desk:
    hours:
      mon-fri: ["09:00-12:00", "13:30-18:00"]
    holidays: CN
handoff:
  calendar: desk
tickets:
  calendar: desk
  response: 2h
  solution: 8h
"""
HASTE = """\
  window: 30s
  offer: 10s
  escalation:
    - {after: 30s, to: ticket}
"""
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Shanghai."""


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    desk = desk_on(database, bus, clock)
    at(desk, MORNING)
    await publish(desk, OFFICE)
    await desk.agent("ann")
    return desk


def at(desk: Desk, moment: datetime) -> None:
    desk.clock.step((moment - desk.clock()).total_seconds())


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """In November 2026, by the wall clock of Shanghai."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


async def publish(desk: Desk, text: str) -> str:
    asked = pb.PublishContractRequest(workspace=SHOP, text=text, by="sue")
    return (await desk.api.PublishContract(asked, NO_CONTEXT)).version


async def override(desk: Desk, day: str, *hours: str, calendar: str = "desk", reason: str = "盘点") -> None:
    given = pb.Override(calendar=calendar, day=day, hours=hours, reason=reason, by="sue")
    await desk.api.PutOverride(pb.PutOverrideRequest(workspace=SHOP, override=given), NO_CONTEXT)


async def case_of(desk: Desk, conversation: str) -> Case:
    async with desk.database.read() as tx:
        [case] = [
            case for case in await store.cases_in(tx, SHOP, list(CaseState)) if case.conversation_id == conversation
        ]
    return case


def promised(desk: Desk) -> list[datetime]:
    return [
        command.kind.promised_by for command in desk.told(k.MarkTicketed) if isinstance(command.kind, k.MarkTicketed)
    ]


def reopening(desk: Desk) -> list[datetime]:
    return [
        command.kind.reopens_at for command in desk.told(k.TellOffHours) if isinstance(command.kind, k.TellOffHours)
    ]


async def test_of_two_who_change_the_contract_at_once_the_second_is_told(desk: Desk) -> None:
    read = (await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)).version

    async def replace_it(text: str) -> str:
        asked = pb.PublishContractRequest(workspace=SHOP, text=text, by="sue", expected_version=read)
        return (await desk.api.PublishContract(asked, NO_CONTEXT)).version

    longer, shorter = (OFFICE.replace("8h", hours) for hours in ("12h", "4h"))
    done = await asyncio.gather(replace_it(longer), replace_it(shorter), return_exceptions=True)
    [refused] = [each for each in done if isinstance(each, RpcProblem)]
    [version] = [each for each in done if isinstance(each, str)]
    assert refused.code == "contract_changed"
    assert (await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)).version == version


@pytest.mark.parametrize(
    ("asked", "reopens", "promise"),
    [
        (local(23, 20), local(24, 9), local(25, 9, 30)),
        (local(23, 12, 30), local(23, 13, 30), local(24, 14)),
        (local(27, 18), local(30, 9), local(30, 9, 30) + timedelta(days=1)),
        (local(28, 11), local(30, 9), local(30, 9, 30) + timedelta(days=1)),
    ],
    ids=["in the evening", "at lunch", "on Friday at closing time", "on a Saturday"],
)
async def test_outside_hours_one_is_told_when_and_keeps_a_promise(
    desk: Desk, asked: datetime, reopens: datetime, promise: datetime
) -> None:
    at(desk, asked)
    await desk.presence("ann", "online")
    await desk.wants_human("c1")
    assert await desk.offers("ann") == [], "hours depend on the calendar alone"
    assert reopening(desk) == [reopens]
    assert promised(desk) == [promise], "eight hours of the desk"
    assert (await case_of(desk, "c1")).state is CaseState.TICKETED


async def test_who_asked_just_before_people_came_is_not_sent_away(desk: Desk) -> None:
    """The request was on its way while the doors opened: somebody is there, and has the whole window from then on."""
    at(desk, local(24, 8, 59, 59))
    asked = event_pb2.HandoffRequested(reason="requested", at=timestamp(desk.clock()))
    at(desk, local(24, 9, 0, 1))
    await desk.presence("ann", "online")
    await desk.event("c1", 2, handoff_requested=asked)
    assert [offer.conversation_id for offer in await desk.offers("ann")] == ["c1"]
    assert reopening(desk) == [], "nobody is told that the doors are closed while they are open"
    assert (await case_of(desk, "c1")).deadline == local(24, 9, 1)


async def test_a_search_ends_when_people_go_home(desk: Desk) -> None:
    at(desk, local(23, 17, 59, 30))
    await desk.presence("ann", "online")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.decline("ann", offer.id)
    assert (await case_of(desk, "c1")).deadline == local(23, 18)
    await desk.pass_time(30)
    assert (await case_of(desk, "c1")).state is CaseState.TICKETED
    assert reopening(desk) == [local(24, 9)], "and not left to wait the night"


async def test_a_new_contract_alters_no_clock_that_runs(desk: Desk) -> None:
    await desk.wants_human("c1")
    before = await case_of(desk, "c1")
    version = await publish(desk, OFFICE.replace("tickets:", HASTE + "tickets:"))
    assert before.contract != version
    await desk.presence("ann")
    await desk.wants_human("c2")
    after = await case_of(desk, "c2")
    assert after.contract == version
    assert (await case_of(desk, "c1")).deadline - before.requested_at == timedelta(seconds=60)
    assert after.deadline - after.requested_at == timedelta(seconds=30)
    await desk.pass_time(30)
    assert (await case_of(desk, "c2")).state is CaseState.TICKETED
    assert (await case_of(desk, "c1")).state is not CaseState.TICKETED, "promised a minute, kept a minute"


async def test_a_special_day_counts_from_then_on(desk: Desk) -> None:
    await desk.wants_human("c1")
    first = await case_of(desk, "c1")
    await override(desk, "2026-11-23")
    await desk.wants_human("c2")
    assert reopening(desk) == [local(24, 9)]
    second = await case_of(desk, "c2")
    assert (first.calendar != second.calendar, first.contract == second.contract) == (True, True)
    async with desk.database.read() as tx:
        terms = await desk.switchboard.terms.of(tx, first, desk.clock())
    assert terms.is_open(desk.clock()), "the clock that ran keeps the day as it was"
    await desk.api.RemoveOverride(
        pb.RemoveOverrideRequest(workspace=SHOP, calendar="desk", day="2026-11-23"), NO_CONTEXT
    )
    await desk.wants_human("c3")
    assert (await case_of(desk, "c3")).calendar == first.calendar, "the same days are the same version"


async def test_days_that_may_still_change_are_told(desk: Desk) -> None:
    at(desk, local(23, 10) + timedelta(days=20))
    found = await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)
    assert [(one.calendar, "2027-01-01" in one.days) for one in found.unconfirmed] == [("desk", True)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (pb.Override(calendar="desk", day="2026-02-30", reason="x"), "override_invalid"),
        (pb.Override(calendar="desk", day="2026-12-01", hours=["18:00-09:00"], reason="x"), "override_invalid"),
        (
            pb.Override(calendar="desk", day="2026-12-01", hours=["09:00-12:00", "11:00-18:00"], reason="x"),
            "override_invalid",
        ),
        (pb.Override(calendar="desk", day="2026-12-01", hours=["9 to 5"], reason="x"), "override_invalid"),
        (pb.Override(calendar="none", day="2026-12-01", reason="x"), "unknown_calendar"),
        (pb.Override(calendar="desk", day="2026-12-01"), "reason_missing"),
    ],
    ids=["no such day", "backwards", "overlapping", "no hours", "no such calendar", "no reason"],
)
async def test_an_impossible_special_day_is_refused(desk: Desk, given: pb.Override, code: str) -> None:
    with pytest.raises(RpcProblem, match=code):
        await desk.api.PutOverride(pb.PutOverrideRequest(workspace=SHOP, override=given), NO_CONTEXT)
    listed = await desk.api.ListOverrides(pb.ListOverridesRequest(workspace=SHOP), NO_CONTEXT)
    assert not listed.overrides


async def test_a_calendar_is_not_closed_for_good(desk: Desk) -> None:
    """Whoever asks for a human is told when there are people: that has to be some day."""
    await publish(desk, OFFICE.replace("mon-fri:", "mon:").replace("    holidays: CN\n", ""))
    monday = MORNING.date()
    with pytest.raises(RpcProblem, match="calendar_never_opens"):
        for week in range(120):
            await override(desk, (monday + timedelta(weeks=week)).isoformat())
    listed = await desk.api.ListOverrides(pb.ListOverridesRequest(workspace=SHOP), NO_CONTEXT)
    assert 100 < len(listed.overrides) < 110, "two years of Mondays, and not the last of them"
    await desk.wants_human("c1")
    assert len(reopening(desk)) == 1


async def test_a_malformed_contract_is_refused_with_line_and_reason(desk: Desk) -> None:
    before = await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)
    with pytest.raises(RpcProblem, match="contract_invalid") as refused:
        await publish(desk, OFFICE.replace("09:00-12:00", "12:00-09:00"))
    [problem] = refused.value.extras["problems"]
    assert (problem["line"], bool(problem["reason_zh"] and problem["reason_en"])) == (6, True)
    after = await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP), NO_CONTEXT)
    assert after == before, "nothing was changed"
    assert (after.published_by, after.text) == ("sue", OFFICE)


async def test_without_a_contract_the_standard_one_holds(desk: Desk) -> None:
    found = await desk.api.GetContract(pb.GetContractRequest(workspace="other"), NO_CONTEXT)
    assert (found.standard, bool(found.text), bool(found.version)) == (True, True, True)
    with pytest.raises(RpcProblem, match="unknown_contract"):
        await desk.api.GetContract(pb.GetContractRequest(workspace=SHOP, version="0" * 16), NO_CONTEXT)
