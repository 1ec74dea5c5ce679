"""What the customer writes moves their ticket: routing as it hears of it, on both databases."""

from datetime import datetime, timedelta

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import SHOP, Desk, desk_on
from tests.contract.services.ticket_desk import SUE, TicketDesk, tickets_on
from yizhan.core.messages.codec import moment, timestamp
from yizhan.core.messages.command import Watch
from yizhan.core.messages.ids import new_id
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, tickets_pb2 as pb
from yizhan.routing.store import tickets as rows
from yizhan.routing.store.tickets_tables import tickets as table
from yizhan.routing.tickets.watching import watch_unwatched

DAY = 24 * 3600.0
WORDS, COURTESY, RATING = (
    event_pb2.CustomerWrote.SENSE_UNSPECIFIED,
    event_pb2.CustomerWrote.SENSE_COURTESY,
    event_pb2.CustomerWrote.SENSE_RATING,
)


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    made = desk_on(database, bus, clock)
    await made.agent("ann", state="offline")
    return made


@pytest.fixture
def tickets(desk: Desk) -> TicketDesk:
    return tickets_on(desk)


async def wrote(
    tickets: TicketDesk, at: datetime | None = None, *, sense: int = WORDS, text: str = "订单号12345", about: str = "c1"
) -> event_pb2.Event:
    told = event_pb2.CustomerWrote(
        message_id=new_id(),
        at=timestamp(at or tickets.desk.clock()),
        sense=event_pb2.CustomerWrote.Sense.ValueType(sense),
        text=text,
    )
    return await tickets.desk.event(about, 2, customer_wrote=told)


async def answered(tickets: TicketDesk, about: str = "c1") -> None:
    replied = event_pb2.AgentReplied(agent_id="ann", message_id="m", at=timestamp(tickets.desk.clock()))
    await tickets.desk.event(about, 3, agent_replied=replied)


async def state(tickets: TicketDesk, ticket: pb.TicketRecord) -> tuple[str, bool]:
    now = (await tickets.get(ticket)).ticket
    return now.status, now.HasField("customer_waiting_since")


async def test_the_customers_answer_opens_a_pending_ticket_and_its_clock_goes_on(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    due = moment(ticket.solution_due)
    ticket = await tickets.edit(ticket, status="pending")
    tickets.desk.clock.step(3600)
    written = tickets.desk.clock()
    tickets.desk.clock.step(600)  # the event was ten minutes on its way
    event = await wrote(tickets, written)
    again = (await tickets.get(ticket)).ticket
    assert (again.status, moment(again.customer_waiting_since)) == ("open", written)
    assert moment(again.solution_due) == due + timedelta(hours=1), "the way of the event is not the customer's time"
    assert again.last_text == "订单号12345"
    assert await tickets.found(text="12345") == [ticket.title], "found by what was written"
    shown = await tickets.get(ticket)
    assert [(item.kind, item.after, item.by.role) for item in shown.history][-2:] == [
        ("wrote", "", "customer"),
        ("status", "open", "customer"),
    ]
    await tickets.desk.deliver(event)
    assert (await tickets.get(ticket)).ticket == again, "told twice, it happens once"
    with pytest.raises(Exception, match="ticket_changed"):
        await tickets.edit(ticket, status="solved")


async def test_words_for_a_solved_ticket_open_it_again_once(tickets: TicketDesk) -> None:
    ticket = await tickets.edit(await tickets.make(), status="solved")
    tickets.desk.clock.step(60)
    await wrote(tickets, sense=COURTESY, text="谢谢")
    await wrote(tickets, sense=RATING, text="很满意")
    assert await state(tickets, ticket) == ("solved", False)
    late = tickets.desk.clock()
    tickets.desk.clock.step(60)
    await wrote(tickets, text="还是没到账")
    assert await state(tickets, ticket) == ("reopened", True)
    tickets.desk.clock.step(60)
    again = await tickets.edit((await tickets.get(ticket)).ticket, status="solved")
    await wrote(tickets, late, text="没到账")
    assert await state(tickets, again) == ("solved", False), "that was written before it was solved again"


async def test_a_solution_is_not_doubted_for_ever(tickets: TicketDesk) -> None:
    ticket = await tickets.edit(await tickets.make(), status="solved")
    tickets.desk.clock.step(3 * DAY + 1)
    await wrote(tickets)
    assert await state(tickets, ticket) == ("solved", False)


async def test_words_are_about_what_is_unsettled_and_not_about_a_solution(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make(), status="solved")
    held = await tickets.edit(await tickets.make(), status="on_hold")
    tickets.desk.clock.step(60)
    await wrote(tickets)
    assert await state(tickets, solved) == ("solved", False)
    assert await state(tickets, held) == ("on_hold", True)


async def test_lists_show_who_waits_and_for_how_long(tickets: TicketDesk) -> None:
    for name in ("a", "b", "c"):
        await tickets.make(name, title=name)
        tickets.desk.clock.step(1)
    await wrote(tickets, about="b")
    tickets.desk.clock.step(60)
    await wrote(tickets, about="a")
    await wrote(tickets, about="b")
    assert await tickets.found(customer_waiting=True, sort="customer_waiting") == ["b", "a"]
    assert await tickets.count(customer_waiting=True) == 2
    first = await tickets.page(sort="customer_waiting", size=1)
    second = await tickets.page(sort="customer_waiting", size=1, token=first.next_page_token)
    third = await tickets.page(sort="customer_waiting", size=1, token=second.next_page_token)
    assert [page.tickets[0].title for page in (first, second, third)] == ["b", "a", "c"]
    tickets.desk.clock.step(60)
    await answered(tickets, "b")
    assert await tickets.found(customer_waiting=True) == ["a"]
    [history] = [await tickets.history(one) for one in (await tickets.page()).tickets if one.title == "b"]
    assert [kind for kind, _, _ in history] == ["created", "wrote", "answered"], "one line for one wait"


async def test_dialogue_is_asked_to_tell_and_told_when_nobody_follows_any_more(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    [asked] = tickets.desk.told(Watch)
    assert (asked.kind, asked.conversation_id) == (Watch(moment(ticket.created_at)), "c1")
    await tickets.edit(ticket, SUE, status="closed")
    await wrote(tickets)
    assert tickets.desk.told(Watch)[-1].kind == Watch(end=True)


async def test_a_ticket_taken_up_again_and_one_of_the_version_before_are_watched_later(
    tickets: TicketDesk, database: Database
) -> None:
    closed = await tickets.edit(await tickets.make(), SUE, status="closed")
    old = await tickets.edit(await tickets.make("c2"), status="pending")
    async with database.begin() as tx:
        await tx.execute(table.update().where(table.c.id == old.id).values(watched=False, status_at=None))
    assert await watch_unwatched(tickets.desk.switchboard.shift, database) == 1
    since = tickets.desk.told(Watch)[-1]
    assert (since.conversation_id, since.kind) == ("c2", Watch(moment(old.paused_at)))
    tickets.desk.clock.step(60)
    await tickets.edit(closed, SUE, status="reopened")
    assert await watch_unwatched(tickets.desk.switchboard.shift, database) == 1
    assert tickets.desk.told(Watch)[-1].conversation_id == "c1"
    assert await watch_unwatched(tickets.desk.switchboard.shift, database) == 0, "each is asked for once"


async def test_a_merged_ticket_follows_nothing(tickets: TicketDesk, database: Database) -> None:
    one, other = await tickets.make(), await tickets.make()
    other = await tickets.edit(other, status="pending")
    await tickets.merge(one, other)
    tickets.desk.clock.step(60)
    await wrote(tickets)
    assert (await state(tickets, one), await state(tickets, other)) == (("closed", False), ("open", True))
    async with database.read() as tx:
        merged = await rows.load_ticket(tx, SHOP, one.id)
    assert merged is not None
    assert merged.merged_into == other.id


async def test_what_comes_by_email_is_a_ticket_from_email(tickets: TicketDesk) -> None:
    request = event_pb2.HandoffRequested(reason="requested", at=timestamp(tickets.desk.clock()), last_text="退货")
    event = event_pb2.Event(id=new_id(), conversation_id="m1", epoch=2, handoff_requested=request)
    event.address.workspace, event.address.channel, event.address.customer = SHOP, "email", "a@b.example"
    event.address.account = "support"
    await tickets.desk.deliver(event)
    await tickets.desk.pass_time(60)
    [ticket] = (await tickets.page(conversation_id="m1")).tickets
    assert (ticket.source, ticket.reason) == ("email", "requested")
