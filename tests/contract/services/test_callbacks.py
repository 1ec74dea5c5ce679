"""Calls at promised times: when they can be promised, who is asked to make them, and what becomes of each."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from tests.contract.services.test_choices import leaves, ticketed, wishes
from tests.contract.services.test_routing_hours import MORNING, at, local, publish
from tests.contract.services.ticket_desk import ANN, BOB, tickets_on
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, routing_pb2, tickets_pb2 as pb
from yizhan.routing.desk import CaseState

OFFICE = """\
contract: office
zone: Asia/Shanghai
calendars:
  desk:
    hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}
    holidays: CN
handoff: {calendar: desk}
tickets: {calendar: desk, response: 2h, solution: 8h}
waiting:
  callback: {lead: 10m, latest: 14d, tries: 2, retry: 30m}
"""
THREE = local(23, 15)
PHONE = "13812345678"


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    desk = desk_on(database, bus, clock)
    at(desk, MORNING)
    await publish(desk, OFFICE)
    return desk


async def promised(desk: Desk, conversation: str = "c1", when: Any = THREE, epoch: int = 2) -> pb.TicketRecord:
    """Who waits, and is promised a call then."""
    await desk.wants_human(conversation, epoch, can_choose=True)
    await leaves(
        desk, conversation, epoch, how="callback", phone=PHONE, callback_at=timestamp(when), customer_name="小明"
    )
    return (await tickets_on(desk).get(ticketed(desk)[-1].ticket_number)).ticket


async def until(desk: Desk, moment: Any) -> None:
    """Let time pass; what comes due on the way fires in its turn."""
    while desk.clock() < moment:
        await desk.pass_time(min(1800, (moment - desk.clock()).total_seconds()))


async def come_in(desk: Desk, *agents: str) -> None:
    for agent in agents:
        await desk.agent(agent)


async def accepts(desk: Desk, agent: str, epoch: int = 5) -> str:
    """The agent takes the call that they are offered, and dialogue obeys; the case that it is."""
    await desk.presence(agent)
    [offer] = await desk.offers(agent)
    case = await desk.accept(agent, offer.id)
    await assigned(desk, offer.conversation_id, agent, case.id, epoch)
    return case.id


async def assigned(desk: Desk, conversation: str, agent: str, case_id: str, epoch: int) -> None:
    now = event_pb2.ConversationAssigned(agent_id=agent, assignment_id=case_id, at=timestamp(desk.clock()))
    await desk.event(conversation, epoch, conversation_assigned=now)


async def records(desk: Desk, ticket: pb.TicketRecord, outcome: str, tries: int = 0) -> pb.TicketRecord:
    asked = pb.RecordCallbackRequest(workspace=SHOP, ticket_id=ticket.id, outcome=outcome, tries=tries, by=ANN)
    return (await tickets_on(desk).api.RecordCallback(asked, NO_CONTEXT)).ticket


async def state(desk: Desk, ticket: pb.TicketRecord) -> tuple[str, bool, int]:
    now = (await tickets_on(desk).get(ticket)).ticket
    return (now.callback_state, now.callback_late, now.callback_tries)


def told(desk: Desk) -> list[str]:
    return [one.kind.change for one in desk.told(k.TellCallback) if isinstance(one.kind, k.TellCallback)]


def changes(desk: Desk) -> list[str]:
    return [event.callback_changed.change for event in desk.bus.events("callback_changed")]


@pytest.mark.parametrize(
    ("now", "wanted", "promise"),
    [
        (local(23, 10), local(23, 15), local(23, 15)),
        (local(23, 10), None, local(23, 10, 10)),
        (local(23, 11, 55), None, local(23, 13, 30)),
        (local(27, 18), None, local(30, 9)),
    ],
    ids=["at the time named", "as soon as possible", "lunch is left out", "a weekend is left out"],
)
async def test_a_call_is_promised_when_people_work(desk: Desk, now: Any, wanted: Any, promise: Any) -> None:
    at(desk, now)
    await desk.wants_human("c1", can_choose=True)
    await leaves(desk, "c1", how="callback", phone=PHONE, callback_at=timestamp(wanted))
    ticket = (await tickets_on(desk).get(ticketed(desk)[-1].ticket_number)).ticket
    assert ticketed(desk)[-1].callback_at == promise
    assert (ticket.callback_at.ToDatetime(promise.tzinfo), ticket.callback_state) == (promise, "promised")
    assert ticket.contact_phone == PHONE


@pytest.mark.parametrize(
    ("wanted", "reason", "times"),
    [
        (local(23, 12, 30), "closed", [local(23, 11, 30), local(23, 13, 30)]),
        (local(23, 10, 2), "too_soon", [local(23, 10, 10)]),
        (local(28, 10), "closed", [local(27, 17, 30), local(30, 9)]),
    ],
    ids=["at lunch", "in a moment", "on a Saturday"],
)
async def test_a_time_when_nobody_works_is_not_promised(desk: Desk, wanted: Any, reason: str, times: Any) -> None:
    await desk.wants_human("c1", can_choose=True)
    await leaves(desk, "c1", how="callback", callback_at=timestamp(wanted))
    [suggested] = [one.kind for one in desk.told(k.SuggestTimes)]
    assert isinstance(suggested, k.SuggestTimes)
    assert (suggested.reason, list(suggested.times)) == (reason, times)
    assert ticketed(desk) == []
    assert await desk.cases(CaseState.WAITING) == ["c1"], "they keep their place"


async def test_the_call_is_offered_before_its_time_and_made(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=11))
    assert await desk.offers("ann") == []
    await until(desk, THREE - timedelta(minutes=10))
    await desk.presence("ann")
    [offer] = await desk.offers("ann")
    assert (offer.reason, offer.note) == ("callback", f"{ticket.number} 138****5678")
    case = await accepts(desk, "ann")
    [assign] = desk.told(k.Assign)
    assert (assign.epoch, assign.id) == (0, case), "whoever has the conversation but an agent gives it up"
    assert await state(desk, ticket) == ("taken", False, 0)
    done = await records(desk, ticket, "reached")
    assert (done.callback_state, done.contact_phone) == ("done", PHONE)
    assert changes(desk) == ["promised", "due", "taken", "done"]
    await until(desk, THREE + timedelta(hours=1))
    assert "missed" not in told(desk)


async def test_a_promise_outlives_the_process_that_made_it(
    desk: Desk, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    ticket = await promised(desk)
    await until(desk, THREE - timedelta(minutes=30))
    after = desk_on(database, bus, clock)
    await come_in(after, "ann")
    await until(after, THREE - timedelta(minutes=5))
    again = desk_on(database, bus, clock)
    await accepts(again, "ann")
    assert await state(again, ticket) == ("taken", False, 0)
    assert changes(again) == ["promised", "due", "taken"]


async def test_a_time_that_passed_while_nothing_ran_is_owned_up_to(
    desk: Desk, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    ticket = await promised(desk)
    clock.step(8 * 3600)
    after = desk_on(database, bus, clock)
    await after.pass_time(1)
    assert await state(after, ticket) == ("missed", True, 0)
    assert told(after) == ["missed"]


async def test_a_late_call_is_seen_told_once_and_still_made(desk: Desk) -> None:
    ticket = await promised(desk)
    await until(desk, THREE + timedelta(minutes=30))
    assert told(desk) == ["missed"], "the customer hears of it once"
    [promise] = [one for one in (await queue_of(desk)).promises if one.reason == "callback"]
    assert (promise.deadline.ToDatetime(THREE.tzinfo), promise.priority) == (THREE, 3)
    tickets = tickets_on(desk)
    assert [await tickets.count(callbacks=wanted) for wanted in ("late", "owed", "any")] == [1, 1, 1]
    await come_in(desk, "ann")
    await accepts(desk, "ann")
    assert await state(desk, ticket) == ("taken", True, 0)
    await records(desk, ticket, "reached")
    assert await state(desk, ticket) == ("done", True, 0), "that it was late is not forgotten"
    assert [await tickets.count(callbacks=wanted) for wanted in ("late", "owed", "any")] == [0, 0, 1]
    assert changes(desk) == ["promised", "due", "missed", "taken", "done"]
    await until(desk, THREE + timedelta(hours=3))
    assert told(desk) == ["missed", "done"]


async def queue_of(desk: Desk) -> routing_pb2.GetQueueResponse:
    return await desk.api.GetQueue(routing_pb2.GetQueueRequest(workspace=SHOP, most_promises=10), NO_CONTEXT)


async def test_who_is_not_reached_is_tried_again_and_then_told(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await accepts(desk, "ann")
    again = await records(desk, ticket, "not_reached")
    assert (again.callback_state, again.callback_tries) == ("promised", 1)
    second = again.callback_at.ToDatetime(THREE.tzinfo)
    assert second == THREE + timedelta(minutes=20), "half an hour later"
    [back] = desk.told(k.ReturnToBot)
    assert (back.conversation_id, back.epoch) == ("c1", 5), "the agent is free for others"
    await desk.event("c1", 6, conversation_returned=event_pb2.ConversationReturned(by="ann"))
    assert told(desk) == ["not_reached"]
    await desk.closed("c1", 7)
    assert (await tickets_on(desk).get(ticket)).ticket.status == "open", "a session that idles out settles no call"
    with pytest.raises(RpcProblem, match="callback_moved"):
        await records(desk, ticket, "not_reached", tries=0)
    with pytest.raises(RpcProblem, match="callback_not_due"):
        await records(desk, ticket, "not_reached", tries=1)
    await desk.presence("ann")
    await until(desk, second - timedelta(minutes=10))
    await accepts(desk, "ann", epoch=9)
    await records(desk, ticket, "not_reached", tries=1)
    assert await state(desk, ticket) == ("failed", False, 2)
    assert told(desk) == ["not_reached", "failed"]
    with pytest.raises(RpcProblem, match="no_callback"):
        await records(desk, ticket, "reached", tries=2)


async def test_a_second_call_falls_in_working_hours(desk: Desk) -> None:
    ticket = await promised(desk, when=local(23, 17, 45))
    await come_in(desk, "ann")
    await until(desk, local(23, 17, 40))
    await accepts(desk, "ann")
    again = await records(desk, ticket, "not_reached")
    assert again.callback_at.ToDatetime(THREE.tzinfo) == local(24, 9)


async def test_a_customer_who_needs_no_call_is_asked_of_nobody(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await desk.presence("ann")
    assert len(await desk.offers("ann")) == 1
    await wishes(desk, "c1", "cancel_callback")
    assert await desk.offers("ann") == []
    assert await state(desk, ticket) == ("cancelled", False, 0)
    await wishes(desk, "c1", "cancel_callback")
    assert told(desk) == ["cancelled", "none"]
    await until(desk, THREE + timedelta(hours=1))
    assert told(desk) == ["cancelled", "none"]


async def test_another_time_takes_the_place_of_the_first(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await desk.presence("ann")
    assert len(await desk.offers("ann")) == 1
    later = local(23, 16, 30)
    await leaves(desk, "c1", 3, how="callback", phone=PHONE, callback_at=timestamp(later), ticket_number=ticket.number)
    assert await desk.offers("ann") == []
    assert [one.callback_at for one in ticketed(desk)] == [THREE, later]
    await until(desk, THREE + timedelta(minutes=5))
    assert told(desk) == []
    assert changes(desk) == ["promised", "due", "moved"]


async def test_the_same_news_twice_is_one_promise(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=True)
    event = await leaves(desk, "c1", how="callback", phone=PHONE, callback_at=timestamp(THREE))
    await desk.deliver(event)
    assert (len(ticketed(desk)), changes(desk)) == (1, ["promised"])


async def test_an_agent_who_gives_the_customer_back_leaves_the_call_owed(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await accepts(desk, "ann")
    await desk.presence("ann", "offline")
    await desk.event("c1", 6, conversation_returned=event_pb2.ConversationReturned(by="system"))
    assert await state(desk, ticket) == ("due", False, 0)
    await come_in(desk, "bob")
    await desk.pass_time(1)
    await accepts(desk, "bob", epoch=7)
    assert await state(desk, ticket) == ("taken", False, 0)


async def test_whoever_closes_the_conversation_has_called(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await accepts(desk, "ann")
    await desk.closed("c1", 6)
    assert await state(desk, ticket) == ("done", False, 0)


async def test_a_settled_ticket_calls_nobody(desk: Desk) -> None:
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await tickets_on(desk).edit(ticket, BOB, status="solved")
    await until(desk, THREE)
    await desk.presence("ann")
    assert await desk.offers("ann") == []
    assert await state(desk, ticket) == ("settled", False, 0)
    assert told(desk) == ["settled"]


async def test_who_waits_in_the_queue_when_the_call_is_due_is_asked_for_once(desk: Desk) -> None:
    ticket = await promised(desk)
    await until(desk, THREE - timedelta(minutes=10, seconds=30))
    await desk.wants_human("c1", 9)
    await until(desk, THREE - timedelta(minutes=10))
    assert await desk.cases(CaseState.WAITING, CaseState.OFFERED) == ["c1"]
    await come_in(desk, "ann")
    await accepts(desk, "ann", epoch=10)
    await desk.presence("ann")
    await until(desk, THREE)
    assert await state(desk, ticket) == ("taken", False, 0)


async def test_another_agent_takes_the_ticket_itself(desk: Desk) -> None:
    """The call that was offered is withdrawn: nobody rings a customer who has somebody."""
    ticket = await promised(desk)
    await come_in(desk, "ann")
    await until(desk, THREE - timedelta(minutes=10))
    await desk.presence("ann")
    assert len(await desk.offers("ann")) == 1
    await come_in(desk, "bob")
    asked = routing_pb2.TakeTicketRequest(workspace=SHOP, agent_id="bob", ticket_id=ticket.id)
    taken = (await desk.api.TakeTicket(asked, NO_CONTEXT)).assignment
    await assigned(desk, "c1", "bob", taken.id, 5)
    assert await desk.offers("ann") == []
    assert await state(desk, ticket) == ("taken", False, 0)


async def test_an_unknown_word_and_a_ticket_without_a_call_are_refused(desk: Desk) -> None:
    ticket = await tickets_on(desk).make("c9")
    with pytest.raises(RpcProblem, match="unknown_outcome"):
        await records(desk, ticket, "perhaps")
    with pytest.raises(RpcProblem, match="no_callback"):
        await records(desk, ticket, "reached")
