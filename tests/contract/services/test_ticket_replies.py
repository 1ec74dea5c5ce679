"""An agent answers on a ticket, from their words to the customer's channel: dialogue and routing on one database, and what
one publishes brought to the other.
"""

from datetime import timedelta

import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, desk_on
from tests.contract.services.test_choices_together import CUSTOMER, Both
from tests.contract.services.test_writer import Desk as Dialogue, address, said
from tests.contract.services.ticket_desk import ANN, BOB, SUE, TicketDesk, tickets_on
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Publication
from yizhan.core.bus.topology import Exchange
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import ReplyWindow
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import message_pb2, routing_pb2, tickets_pb2 as pb

WORDS = "您的退款已到账"


@pytest.fixture
async def both(database: Database, bus: RecordingBus, clock: SteppedClock) -> Both:
    routing = desk_on(database, bus, clock)
    for name in ("ann", "bob"):
        await routing.agent(name, state="offline")
    both = Both(Dialogue.on(database, bus, clock), routing, bus)
    await both.says("发货")
    return both


async def made(both: Both) -> pb.TicketRecord:
    """A ticket of the conversation, of which dialogue tells from now on."""
    conversation = (await both.dialogue.conversation(CUSTOMER)).id
    ticket = await tickets(both).make(conversation, customer=CUSTOMER)
    await both.carry()
    return ticket


def tickets(both: Both) -> TicketDesk:
    return tickets_on(both.routing)


async def answers(
    both: Both, ticket: pb.TicketRecord, text: str = WORDS, *, client_id: str = "one", by: pb.TicketActor = ANN
) -> pb.TicketReplyItem:
    """Written; dialogue has not heard of it yet."""
    asked = pb.ReplyToTicketRequest(workspace=SHOP, ticket_id=ticket.id, client_id=client_id, text=text, by=by)
    return (await tickets(both).api.ReplyToTicket(asked, NO_CONTEXT)).reply


async def replies(both: Both, ticket: pb.TicketRecord) -> list[tuple[str, str, str]]:
    asked = pb.ListTicketRepliesRequest(workspace=SHOP, ticket_id=ticket.id)
    found = await tickets(both).api.ListTicketReplies(asked, NO_CONTEXT)
    return [(reply.text, reply.state, reply.reason) for reply in found.replies]


async def refused(both: Both, ticket: pb.TicketRecord) -> str:
    with pytest.raises(RpcProblem) as problem:
        await answers(both, ticket)
    return problem.value.code


async def heard(both: Both) -> list[str]:
    """What an agent has said to the customer."""
    transcript = await both.dialogue.transcript(CUSTOMER)
    return [one.content.text.text for one in transcript if one.author.kind == message_pb2.AUTHOR_KIND_AGENT]


async def takes(both: Both, ticket: pb.TicketRecord, agent: str) -> None:
    asked = routing_pb2.TakeTicketRequest(workspace=SHOP, ticket_id=ticket.id, agent_id=agent)
    await both.routing.api.TakeTicket(asked, NO_CONTEXT)


async def test_the_customer_is_answered_and_nobody_becomes_the_owner(both: Both) -> None:
    ticket = await made(both)
    written = await answers(both, ticket)
    assert await replies(both, ticket) == [(WORDS, "sending", "")]
    await both.carry()
    assert await replies(both, ticket) == [(WORDS, "said", "")]
    assert (await both.dialogue.transcript(CUSTOMER))[-1].id == written.id
    sent = [item.envelope.message.id for item in both.bus.published if item.exchange is Exchange.OUTBOUND]
    assert sent.count(written.id) == 1, "by the channel that the customer came from"
    conversation = await both.dialogue.conversation(CUSTOMER)
    assert (conversation.state, conversation.agent_id) == (State.BOT, "")
    after = (await tickets(both).get(ticket)).ticket
    assert after.HasField("first_response_at")
    assert (after.agent_id, after.status) == ("", "open")
    history = await tickets(both).history(ticket)
    assert history[-2:] == [("answered", "", "ann"), ("replied", "", WORDS)]


async def test_said_once_however_often_it_is_sent_across_restarts(
    both: Both, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    ticket = await made(both)
    first = await answers(both, ticket)
    assert await answers(both, ticket) == first
    await both.carry()
    [command] = [item for item in both.bus.published if item.envelope.command.HasField("reply")]
    both.routing, both.dialogue = desk_on(database, bus, clock), Dialogue.on(database, bus, clock)
    await both.dialogue.take(command.envelope)
    assert (await answers(both, ticket)).id == first.id
    await both.carry()
    assert await heard(both) == [WORDS]
    assert [kind for kind, _, _ in await tickets(both).history(ticket)].count("replied") == 1
    await answers(both, ticket, client_id="two")
    await both.carry()
    assert await heard(both) == [WORDS, WORDS], "written again, it is said again"


async def test_while_a_colleague_has_the_customer_they_answer(both: Both) -> None:
    ticket = await made(both)
    await takes(both, ticket, "bob")
    await both.carry()
    assert await refused(both, ticket) == "conversation_taken"
    assert await replies(both, ticket) == []
    await answers(both, ticket, by=BOB)
    await both.carry()
    assert await heard(both) == [WORDS], "their own words are said in their own conversation"
    assert (await both.dialogue.conversation(CUSTOMER)).agent_id == "bob"


@pytest.mark.parametrize("first", ["the reply", "the colleague"])
async def test_of_two_at_the_same_moment_one_has_the_word(both: Both, first: str) -> None:
    """Routing let both through; dialogue hears of one before the other."""
    ticket = await made(both)
    await answers(both, ticket)
    await takes(both, ticket, "bob")
    under_way = both.bus.published[both.carried :]
    both.bus.published[both.carried :] = under_way if first == "the reply" else under_way[::-1]
    await both.carry()
    conversation = await both.dialogue.conversation(CUSTOMER)
    assert (conversation.state, conversation.agent_id) == (State.ASSIGNED, "bob")
    if first == "the reply":
        assert await heard(both) == [WORDS]
    else:
        assert await heard(both) == []
        assert await replies(both, ticket) == [(WORDS, "refused", "conversation_taken")]
        assert (await tickets(both).history(ticket))[-1] == ("reply_unsaid", "", "conversation_taken")


async def test_who_waits_for_a_person_is_answered_by_whoever_takes_them(both: Both) -> None:
    ticket = await made(both)
    await answers(both, ticket)
    await both.dialogue.take(said(CUSTOMER, "转人工"))  # it arrives before the words of ann
    await both.carry()
    assert await heard(both) == []
    assert await replies(both, ticket) == [(WORDS, "refused", "customer_waits")]
    assert not (await tickets(both).get(ticket)).ticket.HasField("first_response_at"), "nobody has answered yet"


async def test_the_assistant_answers_at_the_same_moment_and_each_is_heard_once_in_one_order(both: Both) -> None:
    ticket = await made(both)
    await answers(both, ticket)
    await both.dialogue.take(said(CUSTOMER, "发货"), *(item.envelope for item in reply_commands(both)))
    await both.carry()
    assert (await both.dialogue.words(CUSTOMER))[-3:] == ["发货", "48小时内发货", WORDS]
    assert await heard(both) == [WORDS]


def reply_commands(both: Both) -> list[Publication]:
    return [item for item in both.bus.published if item.envelope.command.HasField("reply")]


async def test_a_closed_conversation_stays_closed_until_the_customer_writes(both: Both) -> None:
    ticket = await made(both)
    await takes(both, ticket, "bob")
    await both.carry()
    ended = await both.dialogue.conversation(CUSTOMER)
    closing = routing_pb2.CloseConversationRequest(
        workspace=SHOP, agent_id="bob", conversation_id=ended.id, epoch=ended.epoch
    )
    await both.routing.api.CloseConversation(closing, NO_CONTEXT)
    await both.carry()
    before = await both.dialogue.conversation(CUSTOMER)
    assert (await tickets(both).get(ticket)).ticket.status == "solved"
    rated = len(both.bus.events("conversation_closed"))
    await answers(both, ticket)
    await both.carry()
    after = await both.dialogue.conversation(CUSTOMER)
    assert (after.state, after.session) == (State.CLOSED, before.session)
    assert len(both.bus.events("conversation_closed")) == rated, "no session ended, so none is asked about"
    both.routing.clock.step(60)
    wrote = said(CUSTOMER, "没有到账")
    wrote.message.received_at.FromDatetime(both.routing.clock())
    await both.dialogue.take(wrote)
    await both.carry()
    assert (await tickets(both).get(ticket)).ticket.status == "reopened"


async def test_what_the_customer_answers_opens_a_pending_ticket(both: Both) -> None:
    ticket = await made(both)
    await tickets(both).edit(ticket, status="pending")
    await answers(both, ticket, "请告诉我订单号")
    await both.carry()
    assert (await tickets(both).get(ticket)).ticket.status == "pending"
    both.routing.clock.step(60)
    wrote = said(CUSTOMER, "12345")
    wrote.message.received_at.FromDatetime(both.routing.clock())
    await both.dialogue.take(wrote)
    await both.carry()
    assert (await tickets(both).get(ticket)).ticket.status == "open"


async def test_what_its_channel_holds_back_is_told_on_the_ticket_and_makes_no_other_one(both: Both) -> None:
    ticket = await made(both)
    written = await answers(both, ticket)
    await both.carry()
    held = Receipt(
        new_id(),
        address(CUSTOMER),
        ReceiptState.HELD,
        NOON,
        written.id,
        reason="window_closed",
        fallback="ticket",
        reply_window=ReplyWindow(NOON - timedelta(minutes=1), 0),
    )
    await both.dialogue.take(envelopes.inbound(held, 16).envelope)
    await both.carry()
    assert (await tickets(both).history(ticket))[-1] == ("reply_held", "", "window_closed")
    assert [one.number for one in (await tickets(both).page()).tickets] == [ticket.number]


async def test_a_closed_ticket_is_taken_up_again_first(both: Both) -> None:
    ticket = await made(both)
    await tickets(both).edit(ticket, SUE, status="closed")
    assert await refused(both, ticket) == "ticket_closed"
