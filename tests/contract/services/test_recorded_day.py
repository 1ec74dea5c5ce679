"""A day of operation, read from the store, is played again with the same outcome."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.cli.route_recording import Taken, take
from yizhan.contract.contract import Contract
from yizhan.core.messages.codec import timestamp
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, routing_pb2 as pb
from yizhan.routing.matching.day import Day, read_day
from yizhan.routing.matching.outcome import outcome
from yizhan.routing.matching.simulate import play
from yizhan.routing.matching.what_if import Staffing, read_rules, restaffed


async def taken_of(desk: Desk) -> Taken:
    day = desk.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    return await take(desk.database, Contract(id="standard"), SHOP, day, desk.clock())


def day_of(taken: Taken) -> Day:
    return read_day(taken.lines.splitlines())


async def worked(desk: Desk) -> None:
    """ann serves c1 and declines c2, which bob takes; then both are gone, and c3 becomes a ticket."""
    desk.clock.at = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.pass_time(4)
    assignment = await desk.accept("ann", offer.id)
    told = event_pb2.ConversationAssigned(agent_id="ann", assignment_id=assignment.id, at=timestamp(desk.clock()))
    await desk.event("c1", 3, conversation_assigned=told)
    await desk.agent("bob", capacity=1)
    await desk.pass_time(20)
    await desk.closed("c1", 4)
    await desk.presence("bob", "busy")
    await desk.wants_human("c2")
    [offer] = await desk.offers("ann")
    await desk.pass_time(3)
    await desk.presence("bob", "online")
    await desk.decline("ann", offer.id)
    [offer] = await desk.offers("bob")
    await desk.pass_time(5)
    await desk.accept("bob", offer.id)
    await desk.pass_time(2)
    await desk.presence("ann", "offline")
    await desk.wants_human("c3")
    await desk.pass_time(61)


async def test_it_comes_out_as_it_was(database: Database, bus: RecordingBus, clock: SteppedClock) -> None:
    desk = desk_on(database, bus, clock)
    await worked(desk)
    taken = await taken_of(desk)
    assert (taken.cases, taken.agents, taken.guessed) == (3, 2, 2)
    result = outcome(play(day_of(taken), read_rules(taken.rules)))
    assert (result.total.met + result.total.escalated, result.total.ticketed) == (2, 1)
    assert {agent.agent_id: agent.served for agent in result.agents} == {"ann": 1, "bob": 1}
    assert result.total.waits.p50 == 4.0, "ann took four seconds for c1"


async def test_one_more_would_have_served_all(database: Database, bus: RecordingBus, clock: SteppedClock) -> None:
    desk = desk_on(database, bus, clock)
    await worked(desk)
    taken = await taken_of(desk)
    more = restaffed(day_of(taken), Staffing(capacity=2))
    assert outcome(play(more, read_rules(taken.rules))).total.ticketed == 0


async def test_what_changes_at_noon_changes_at_noon(database: Database, bus: RecordingBus, clock: SteppedClock) -> None:
    desk = desk_on(database, bus, clock)
    await worked(desk)
    group = pb.Group(workspace=SHOP, name="售后", agent_ids=["ann"])
    put = await desk.api.PutGroup(pb.PutGroupRequest(group=group), NO_CONTEXT)
    skill = pb.SetAbilitiesRequest(workspace=SHOP, agent_id="ann", skills=[pb.Skill(name="refund", level=4)])
    await desk.pass_time(60)
    await desk.api.SetAbilities(skill, NO_CONTEXT)
    await desk.pass_time(60)
    await desk.api.RemoveGroup(pb.RemoveGroupRequest(workspace=SHOP, group_id=put.group.id), NO_CONTEXT)
    await desk.pass_time(60)
    # A group that is gone has no name any more.
    seats = [staffed.seat for staffed in day_of(await taken_of(desk)).staffed if staffed.seat.agent_id == "ann"]
    assert [(seat.groups, seat.skills) for seat in seats[-3:]] == [
        ((put.group.id,), ()),
        ((put.group.id,), (("refund", 4),)),
        ((), (("refund", 4),)),
    ]
    assert [seat.online for seat in seats[:2]] == [False, True], "known first, there then"


async def test_a_screen_that_says_nothing_new_leaves_no_trace(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock)
    await worked(desk)
    before = len(day_of(await taken_of(desk)).staffed)
    await desk.agent("bob", capacity=1)
    await desk.presence("bob", "online")
    await desk.presence("bob")
    assert len(day_of(await taken_of(desk)).staffed) == before
