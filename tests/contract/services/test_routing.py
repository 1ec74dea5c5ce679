"""From a request for a human to an agent or a promise: offers, deadlines, presence, tickets."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import GONE, NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp, window_from_proto, window_to_proto
from yizhan.core.messages.message import ReplyWindow
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import event_pb2, message_pb2, routing_pb2 as pb
from yizhan.routing.desk import CaseState
from yizhan.routing.terms import Terms, TermsBook
from yizhan.routing.upkeep import free_the_abandoned, lose_silent


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return desk_on(database, bus, clock)


async def test_a_request_reaches_a_free_agent_at_once(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    assert (offer.conversation_id, offer.epoch, offer.last_text) == ("c1", 2, "转人工")
    assert [command.kind for command in desk.told(k.MarkOffered)] == [k.MarkOffered("ann", offer.id)]
    hints = [hint.live.offer for key, hint in desk.bus.announced if key == "console" and hint.live.HasField("offer")]
    assert [(hint.agent_id, hint.change) for hint in hints] == [("ann", "made")]


async def test_a_hand_off_reads_its_terms_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are two queries under the desk's lock, for which everybody waits who asks for a human."""
    await desk.agent("ann")
    read: list[str] = []
    current = TermsBook.current

    async def counted(book: TermsBook, tx: Transaction, workspace: str, now: datetime) -> Terms:
        read.append(workspace)
        return await current(book, tx, workspace, now)

    monkeypatch.setattr(TermsBook, "current", counted)
    await desk.wants_human("c1")
    assert len(await desk.offers("ann")) == 1
    assert read == [SHOP]


async def test_accepting_moves_the_conversation_with_the_queues_epoch(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    assignment = await desk.accept("ann", offer.id)
    [assign] = desk.told(k.Assign)
    assert (assign.epoch, assign.kind) == (2, k.Assign("ann", "ann", assignment.id))
    assert assignment.epoch == 3, "what the agent says next carries the epoch that dialogue will have"
    again = await desk.accept("ann", offer.id)
    assert again == assignment
    assert len(desk.told(k.Assign)) == 1, "accepting twice takes it once"


async def test_the_same_request_delivered_twice_waits_once(desk: Desk) -> None:
    event = await desk.wants_human("c1")
    await desk.deliver(event)
    assert await desk.cases(CaseState.WAITING) == ["c1"]


async def test_an_offer_that_lapses_goes_to_somebody_else(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    await desk.agent("bob")
    await desk.presence("ann")
    await desk.pass_time(15)
    assert await desk.offers("ann") == []
    [offer] = await desk.offers("bob")
    with pytest.raises(RpcProblem, match="offer_gone"):
        await desk.accept("ann", offer.id)


async def test_declining_offers_it_on_and_nobody_else_means_once_more(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    [first] = await desk.offers("ann")
    await desk.decline("ann", first.id)
    [second] = await desk.offers("ann")
    assert second.id != first.id
    with pytest.raises(RpcProblem, match="offer_gone"):
        await desk.decline("ann", first.id)


async def test_the_oldest_waits_first_and_each_is_told_the_place(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    for number in (1, 2, 3):
        await desk.wants_human(f"c{number}")
        desk.clock.step(1)
    places = [(command.conversation_id, command.kind) for command in desk.told(k.TellProgress)]
    assert places == [("c2", k.TellProgress(1)), ("c3", k.TellProgress(2))]
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await desk.closed("c1", 4)
    [following] = await desk.offers("ann")
    assert following.conversation_id == "c2"
    assert desk.told(k.TellProgress)[-1].kind == k.TellProgress(1)


async def test_nobody_in_time_means_a_ticket_with_a_promise(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await desk.wants_human("busy")
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await desk.wants_human("c1")
    await desk.pass_time(59)
    assert desk.told(k.MarkTicketed) == []
    await desk.pass_time(1)
    [ticketed] = desk.told(k.MarkTicketed)
    assert isinstance(ticketed.kind, k.MarkTicketed)
    assert (ticketed.kind.ticket_number, ticketed.kind.promised_by) == ("T000001", desk.clock() + timedelta(hours=24))
    [ticket] = (await desk.api.ListTickets(pb.ListTicketsRequest(workspace=SHOP, status="open"), NO_CONTEXT)).tickets
    assert (ticket.conversation_id, ticket.number) == ("c1", "T000001")


async def test_with_nobody_online_the_promise_comes_sooner(desk: Desk) -> None:
    await desk.wants_human("c1")
    assert desk.told(k.TellProgress) == [], "a place in a queue that nobody serves would be an empty promise"
    await desk.pass_time(10)
    assert len(desk.told(k.MarkTicketed)) == 1


async def test_an_agent_who_comes_online_drains_the_queue(desk: Desk) -> None:
    await desk.wants_human("c1")
    await desk.agent("ann")
    assert [offer.conversation_id for offer in await desk.offers("ann")] == ["c1"]


async def test_a_customer_who_leaves_the_queue_frees_the_agent(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1")
    await desk.wants_human("c2")
    await desk.closed("c1", 3)
    assert [offer.conversation_id for offer in await desk.offers("ann")] == ["c2"]


async def test_news_from_before_a_request_does_not_end_it(desk: Desk) -> None:
    await desk.wants_human("c1", epoch=6)
    await desk.closed("c1", 5)
    assert await desk.cases(CaseState.WAITING) == ["c1"]


async def test_capacity_holds_under_many_arrivals_at_once(desk: Desk) -> None:
    await desk.agent("ann", capacity=3)
    await desk.agent("bob", capacity=3)
    await asyncio.gather(*(desk.wants_human(f"c{number}") for number in range(30)))
    assert (len(await desk.offers("ann")), len(await desk.offers("bob"))) == (3, 3)
    assert (await desk.queue()).waiting == 24


async def test_equals_get_equal_shares(desk: Desk) -> None:
    for name in ("ann", "bob", "cat"):
        await desk.agent(name, capacity=10)
    for number in range(12):
        await desk.wants_human(f"c{number}")
        desk.clock.step(1)
    assert [len(await desk.offers(name)) for name in ("ann", "bob", "cat")] == [4, 4, 4]


async def test_a_silent_agent_counts_as_offline_and_offers_move_on(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    desk.clock.step(40)
    await desk.agent("bob")
    desk.clock.step(10)
    assert await lose_silent(desk.switchboard, desk.database, desk.clock) == 1
    assert [offer.conversation_id for offer in await desk.offers("bob")] == ["c1"]
    assert (await desk.presence("ann")).presence == "offline", "a screen left open does not make somebody present"


async def test_a_customer_is_not_left_with_an_agent_who_is_gone(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    desk.clock.step(164)
    assert await free_the_abandoned(desk.switchboard, desk.database, desk.clock, GONE) == 0
    desk.clock.step(2)
    assert await free_the_abandoned(desk.switchboard, desk.database, desk.clock, GONE) == 1
    [returned] = desk.told(k.ReturnToBot)
    assert (returned.epoch, returned.kind) == (3, k.ReturnToBot("system", "agent_gone"))
    assert await free_the_abandoned(desk.switchboard, desk.database, desk.clock, GONE) == 1
    first, again = desk.told(k.ReturnToBot)
    assert first.id != again.id, "what was refused because the assignment was still on its way is asked for again"


@pytest.mark.parametrize(
    ("agent", "epoch", "code"),
    [
        pytest.param("ann", 3, "", id="the agent who has it, under the right epoch"),
        pytest.param("ann", 2, "stale_epoch", id="an old epoch"),
        pytest.param("bob", 3, "not_yours", id="somebody else"),
    ],
)
async def test_who_may_speak(desk: Desk, agent: str, epoch: int, code: str) -> None:
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await desk.agent("bob")
    content = message_pb2.Content(text=message_pb2.Text(text="您好"))
    asked = pb.SayRequest(
        workspace=SHOP, agent_id=agent, conversation_id="c1", epoch=epoch, client_id="x", content=content
    )
    if code:
        with pytest.raises(RpcProblem, match=code):
            await desk.api.Say(asked, NO_CONTEXT)
        assert desk.told(k.Say) == []
        return
    first = await desk.api.Say(asked, NO_CONTEXT)
    assert (await desk.api.Say(asked, NO_CONTEXT)).message_id == first.message_id, "a repeated call is the same message"
    assert {command.id for command in desk.told(k.Say)} == {first.message_id}


async def test_an_assignment_that_dialogue_refuses_frees_the_agent(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    assignment = await desk.accept("ann", offer.id)
    refused = event_pb2.CommandRefused(command_id=assignment.id, command_kind="Assign", reason="stale_epoch")
    await desk.event("c1", 4, command_refused=refused)
    assert (await desk.queue()).agents_free == 1


async def test_a_ticket_is_taken_by_one_agent_and_settled_with_its_conversation(desk: Desk) -> None:
    await desk.wants_human("c1")
    await desk.pass_time(10)
    await desk.agent("ann")
    await desk.agent("bob")
    [ticket] = (await desk.api.ListTickets(pb.ListTicketsRequest(workspace=SHOP), NO_CONTEXT)).tickets
    asked = pb.TakeTicketRequest(workspace=SHOP, agent_id="ann", ticket_id=ticket.id)
    taken = await desk.api.TakeTicket(asked, NO_CONTEXT)
    assert desk.told(k.Assign)[-1].epoch == 0, "any conversation that no agent has"
    with pytest.raises(RpcProblem, match="ticket_not_open"):
        await desk.api.TakeTicket(pb.TakeTicketRequest(workspace=SHOP, agent_id="bob", ticket_id=ticket.id), NO_CONTEXT)
    assigned = event_pb2.ConversationAssigned(agent_id="ann", assignment_id=taken.assignment.id, at=timestamp(NOON))
    await desk.event("c1", 5, conversation_assigned=assigned)
    await desk.closed("c1", 6)
    [settled] = (await desk.api.ListTickets(pb.ListTicketsRequest(workspace=SHOP), NO_CONTEXT)).tickets
    assert settled.status == "resolved"


WINDOW = ReplyWindow(NOON + timedelta(hours=48), 4)


async def test_an_offer_says_until_when_the_customer_can_be_answered(desk: Desk) -> None:
    await desk.agent("ann")
    request = event_pb2.HandoffRequested(
        reason="requested", at=timestamp(desk.clock()), reply_window=window_to_proto(WINDOW)
    )
    await desk.event("c1", 2, handoff_requested=request)
    await desk.wants_human("c2")
    offers = {offer.conversation_id: offer for offer in await desk.offers("ann")}
    assert window_from_proto(offers["c1"].reply_window) == WINDOW
    assert not offers["c2"].HasField("reply_window"), "the website has no such rules"
    hints = [hint.live.offer for key, hint in desk.bus.announced if key == "console" and hint.live.HasField("offer")]
    assert [hint.HasField("reply_window") for hint in hints] == [True, False]
    assert window_from_proto(hints[0].reply_window) == WINDOW


async def held(desk: Desk, conversation: str, message_id: str, *, fallback: str = "ticket", reason: str = "") -> None:
    kind = event_pb2.MessageHeld(
        message_id=message_id,
        reason=reason or "window_closed",
        fallback=fallback,
        at=timestamp(desk.clock()),
        customer_name="小雅",
        text="已为您补发",
    )
    await desk.event(conversation, 3, message_held=kind)


async def open_tickets(desk: Desk) -> list[pb.Ticket]:
    return list((await desk.api.ListTickets(pb.ListTicketsRequest(workspace=SHOP, status="open"), NO_CONTEXT)).tickets)


async def test_words_that_cannot_be_sent_become_a_ticket_where_the_channel_says_so(desk: Desk) -> None:
    await held(desk, "c1", "m1", fallback="template")
    assert await open_tickets(desk) == [], "the customer was called back by a template message"
    await held(desk, "c1", "m2")
    [ticket] = await open_tickets(desk)
    assert (ticket.conversation_id, ticket.reason, ticket.customer_name, ticket.last_text) == (
        "c1",
        "window_closed",
        "小雅",
        "已为您补发",
    )
    kinds = [type(command.kind) for command in desk.bus.commands()]
    assert kinds == [k.Watch], "the customer is told nothing: nothing can be told; dialogue tells what they write"


async def test_one_ticket_for_a_conversation_however_much_is_held(desk: Desk) -> None:
    await held(desk, "c1", "m1")
    await held(desk, "c1", "m1", reason="quota_spent")
    await held(desk, "c1", "m2")
    [ticket] = await open_tickets(desk)
    await desk.agent("ann")
    resolve = pb.ResolveTicketRequest(workspace=SHOP, agent_id="ann", ticket_id=ticket.id)
    await desk.api.ResolveTicket(resolve, NO_CONTEXT)
    await held(desk, "c1", "m1")
    assert await open_tickets(desk) == [], "what was settled for this message stays settled"
    await held(desk, "c1", "m3")
    assert len(await open_tickets(desk)) == 1


async def test_the_ticket_of_unsent_words_leads_to_the_conversation(desk: Desk) -> None:
    await desk.agent("ann")
    await held(desk, "c1", "m1")
    [ticket] = await open_tickets(desk)
    taking = pb.TakeTicketRequest(workspace=SHOP, agent_id="ann", ticket_id=ticket.id)
    await desk.api.TakeTicket(taking, NO_CONTEXT)
    [assign] = desk.told(k.Assign)
    assert (assign.conversation_id, assign.epoch) == ("c1", 0)


@pytest.mark.parametrize("action", ["CloseConversation", "ReturnToBot"])
async def test_what_was_refused_can_be_asked_for_again(desk: Desk, action: str) -> None:
    """The first reached the conversation before the assignment did; an agent who asks again must not be stuck with it."""
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    epoch = (await desk.accept("ann", offer.id)).epoch
    kind, request = {
        "CloseConversation": (k.Close, pb.CloseConversationRequest),
        "ReturnToBot": (k.ReturnToBot, pb.ReturnToBotRequest),
    }[action]
    for _ in range(2):
        asked = request(workspace=SHOP, agent_id="ann", conversation_id="c1", epoch=epoch)
        await getattr(desk.api, action)(asked, NO_CONTEXT)
    first, second = desk.told(kind)
    assert (first.epoch, second.epoch) == (epoch, epoch)
    assert first.id != second.id, "a command is heard once by its id"
