"""Who waits may leave a message instead: what is offered, what comes of it, and who speaks when things meet."""

from typing import Any

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import Desk, desk_on
from tests.contract.services.test_routing_hours import MORNING, at, local, publish
from tests.contract.services.ticket_desk import tickets_on
from yizhan.contract.file import parse_contract
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2
from yizhan.routing.desk import CaseState

NEITHER = "contract: quiet\nwaiting: {callback: false, leave_message: false}\n"
OFFICE = """\
contract: office
calendars:
  desk:
    hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}
    holidays: CN
handoff: {calendar: desk}
tickets: {calendar: desk, response: 2h, solution: 8h}
"""


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return desk_on(database, bus, clock)


async def leaves(desk: Desk, conversation: str, epoch: int = 2, **said: Any) -> event_pb2.Event:
    said.setdefault("how", "left_message")
    left = event_pb2.MessageLeft(at=timestamp(desk.clock()), **said)
    return await desk.event(conversation, epoch, message_left=left)


async def wishes(desk: Desk, conversation: str, wish: str, epoch: int = 1) -> None:
    wished = event_pb2.ContactWished(wish=wish, at=timestamp(desk.clock()))
    await desk.event(conversation, epoch, contact_wished=wished)


def offered(desk: Desk) -> list[tuple[str, int, k.CommandKind]]:
    return [(one.conversation_id, one.epoch, one.kind) for one in desk.told(k.OfferInstead)]


def ticketed(desk: Desk) -> list[k.MarkTicketed]:
    return [one.kind for one in desk.told(k.MarkTicketed) if isinstance(one.kind, k.MarkTicketed)]


async def test_who_finds_nobody_is_offered_it_once(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1", can_choose=True)
    assert offered(desk) == [], "ann is being asked"
    await desk.wants_human("c2", can_choose=True)
    [(conversation, epoch, kind)] = offered(desk)
    assert (conversation, epoch) == ("c2", 2)
    assert isinstance(kind, k.OfferInstead)
    assert (kind.leave_message, kind.callback) == (True, True)
    await desk.pass_time(5)
    await desk.presence("ann")
    assert len(offered(desk)) == 1


async def test_where_the_contract_has_neither_nothing_is_offered(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock, parse_contract(NEITHER))
    await desk.wants_human("c1", can_choose=True)
    await wishes(desk, "c2", "callback")
    [(conversation, _, kind)] = offered(desk)
    assert (conversation, kind) == ("c2", k.OfferInstead(False, False, wished="callback")), "only who asks is told no"


async def test_a_dialogue_of_the_version_before_is_sent_nothing_that_it_cannot_read(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=False)
    await desk.pass_time(5)
    assert offered(desk) == []


async def test_offering_it_moves_no_deadline(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1", can_choose=True)
    await desk.wants_human("c2", can_choose=True)
    await desk.pass_time(61)
    assert [one.how for one in ticketed(desk)] == ["", ""]


async def test_a_message_left_is_a_ticket_and_frees_the_place(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=True)
    await leaves(desk, "c1", text="水壶漏水", phone="13812345678", customer_name="小明")
    [told] = ticketed(desk)
    assert (told.how, told.callback_at) == ("left_message", None)
    assert await desk.cases(CaseState.WAITING, CaseState.OFFERED) == []
    tickets = tickets_on(desk)
    found = (await tickets.get(told.ticket_number)).ticket
    assert (found.source, found.last_text, found.status) == ("left_message", "水壶漏水", "open")
    assert (found.contact_phone, found.callback_state) == ("13812345678", "")
    [listed] = (await tickets.page(sources=["left_message"])).tickets
    assert listed.contact_phone == "138****5678", "a list shows nobody's number"
    await desk.pass_time(120)
    assert len(ticketed(desk)) == 1, "its window is over"


async def test_an_offer_to_an_agent_is_taken_back(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1", can_choose=True)
    [offer] = await desk.offers("ann")
    await leaves(desk, "c1")
    assert await desk.offers("ann") == []
    changes = [event.offer_changed.change for event in desk.bus.events("offer_changed")]
    assert changes == ["made", "withdrawn"]
    assert offer.conversation_id == "c1"


async def test_an_agent_who_has_accepted_has_the_customer(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1", can_choose=True)
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await leaves(desk, "c1")
    assert ticketed(desk) == []
    assert await desk.cases(CaseState.ASSIGNED) == ["c1"]


async def test_the_same_news_twice_is_one_ticket(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=True)
    event = await leaves(desk, "c1", text="水壶漏水")
    await desk.deliver(event)
    assert len(ticketed(desk)) == 1


async def test_a_window_that_ends_in_the_same_moment_makes_one_ticket_with_all_the_words(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=True)
    await desk.pass_time(61)
    [first] = ticketed(desk)
    await leaves(desk, "c1", text="水壶漏水", phone="13812345678")
    second = ticketed(desk)[1]
    assert (second.ticket_id, second.how) == (first.ticket_id, "left_message")
    tickets = tickets_on(desk)
    found = (await tickets.get(first.ticket_number)).ticket
    assert (found.last_text, found.contact_phone) == ("水壶漏水", "13812345678")
    assert ("left_message", "", "水壶漏水") in await tickets.history(found)
    assert await tickets.count(text="漏水") == 1


async def test_who_does_not_wait_leaves_a_message_too(desk: Desk) -> None:
    await wishes(desk, "c1", "leave_message")
    [(_, epoch, kind)] = offered(desk)
    assert isinstance(kind, k.OfferInstead)
    assert (epoch, kind.wished, kind.leave_message) == (1, "leave_message", True)
    await leaves(desk, "c1", 1, text="请寄发票", customer_name="小明")
    [told] = ticketed(desk)
    found = (await tickets_on(desk).get(told.ticket_number)).ticket
    assert (found.source, found.customer_name, found.last_text) == ("left_message", "小明", "请寄发票")


async def test_more_words_belong_to_the_ticket_that_the_customer_was_told_of(desk: Desk) -> None:
    await desk.wants_human("c1", can_choose=True)
    await leaves(desk, "c1", text="水壶漏水")
    [first] = ticketed(desk)
    await leaves(desk, "c1", 3, text="盖子也坏了", ticket_number=first.ticket_number)
    assert {one.ticket_id for one in ticketed(desk)} == {first.ticket_id}
    await leaves(desk, "c1", 7, text="另一件事")
    assert len({one.ticket_id for one in ticketed(desk)}) == 2, "another session is another matter"


async def test_off_hours_the_customer_is_offered_it_with_the_next_opening(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock)
    at(desk, MORNING)
    await publish(desk, OFFICE)
    at(desk, local(28, 15))  # a Saturday
    await desk.wants_human("c1", can_choose=True)
    [(_, epoch, kind)] = offered(desk)
    assert isinstance(kind, k.OfferInstead)
    assert (epoch, kind.next_open) == (3, local(30, 9)), "under the epoch that the ticket gave it"
    [first] = ticketed(desk)
    await leaves(desk, "c1", 3, text="水壶漏水", ticket_number=first.ticket_number)
    assert {one.ticket_id for one in ticketed(desk)} == {first.ticket_id}
