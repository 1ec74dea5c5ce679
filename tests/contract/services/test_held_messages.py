"""Messages that a platform does not let through now: marked, told, and finally gone, as people see it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.test_writer import Desk, address, said, told
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import address_to_proto, moment, window_from_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message, ReplyWindow
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.store.database import Database
from yizhan.dialogue.conversations_api import ConversationsApi
from yizhan.pb.v1 import conversations_pb2 as pb, event_pb2, live_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

S = ReceiptState
NO_CONTEXT: Any = None
CLOSED = ReplyWindow(NOON - timedelta(minutes=1), 0)
OPEN = ReplyWindow(NOON + timedelta(hours=48), 4)


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return Desk.on(database, bus, clock)


def mark(message_id: str, state: ReceiptState, after: float = 0, **more: Any) -> Envelope:
    fact = Receipt(new_id(), address("v:1"), state, NOON + timedelta(seconds=after), message_id, **more)
    return envelopes.inbound(fact, 16).envelope


async def shown(desk: Desk, message_id: str) -> pb.StoredMessage:
    asked = pb.ListMessagesRequest(workspace="shop", address=address_to_proto(address("v:1")))
    found = await ConversationsApi(desk.database).ListMessages(asked, NO_CONTEXT)
    [one] = [item for item in found.messages if item.message.id == message_id]
    return one


async def answer_of(desk: Desk) -> str:
    """The id of what the assistant has said."""
    await desk.take(said("v:1", "发货"))
    return (await desk.transcript("v:1"))[-1].id


def seen(bus: RecordingBus) -> list[live_pb2.ReceiptSeen]:
    hints = [envelope.live for key, envelope in bus.announced if key == "console"]
    return [hint.receipt_seen for hint in hints if hint.HasField("receipt_seen")]


async def test_a_held_message_is_marked_told_and_shown_with_its_reason(desk: Desk) -> None:
    answer = await answer_of(desk)
    await desk.take(
        mark(
            answer, S.HELD, reason="window_closed", detail="45015 out of time", fallback="template", reply_window=CLOSED
        )
    )
    stored = await shown(desk, answer)
    assert (S(stored.receipt), stored.receipt_reason) == (S.HELD, "window_closed")
    assert (stored.receipt_detail, stored.fallback) == ("45015 out of time", "template")
    [event] = desk.bus.events("message_held")
    held = event.message_held
    assert (held.message_id, held.reason, held.fallback, held.text) == (
        answer,
        "window_closed",
        "template",
        "48小时内发货",
    )
    assert (event.session, event.epoch) == (1, 1)
    [hint] = seen(desk.bus)
    assert (hint.message_id, hint.seq, S(hint.state), hint.reason, hint.fallback) == (
        answer,
        2,
        S.HELD,
        "window_closed",
        "template",
    )
    assert window_from_proto(hint.reply_window) == CLOSED
    assert desk.bus.events("message_delivered") == []


async def test_a_held_message_that_leaves_is_told_with_the_session_in_which_it_was_said(desk: Desk) -> None:
    answer = await answer_of(desk)
    await desk.take(mark(answer, S.HELD, reason="window_closed"))
    await desk.take(told("v:1", k.Close("system", "done"), 1))
    await desk.take(said("v:1", "谢谢"), mark(answer, S.ACCEPTED, 60, reply_window=OPEN))
    assert S((await shown(desk, answer)).receipt) == S.ACCEPTED
    [event] = desk.bus.events("message_delivered")
    left = event.message_delivered
    assert (left.message_id, left.answers, left.was_held, event.session) == (answer, True, True, 1)
    assert moment(left.at) == NOON + timedelta(seconds=60)
    assert [S(hint.state) for hint in seen(desk.bus)] == [S.HELD, S.ACCEPTED]
    assert (await desk.conversation("v:1")).reply_window == OPEN


async def test_that_a_channel_took_a_message_is_told_only_where_it_says_something(desk: Desk) -> None:
    answer = await answer_of(desk)
    await desk.take(mark(answer, S.ACCEPTED))
    assert S((await shown(desk, answer)).receipt) == S.ACCEPTED
    assert desk.bus.events("message_delivered") == []
    assert seen(desk.bus) == [], "the website's own screens report better"
    await desk.take(said("v:1", "发货"))
    second = (await desk.transcript("v:1"))[-1].id
    await desk.take(mark(second, S.ACCEPTED, 1, reply_window=OPEN))
    assert [e.message_delivered.message_id for e in desk.bus.events("message_delivered")] == [second]
    assert [S(hint.state) for hint in seen(desk.bus)] == [S.ACCEPTED]


@pytest.mark.parametrize(
    ("story", "last", "told_states"),
    [
        pytest.param([S.HELD, S.HELD], S.HELD, [S.HELD], id="the same receipt twice"),
        pytest.param([S.HELD, S.FAILED], S.FAILED, [S.HELD, S.FAILED], id="it waited until it was too late"),
        pytest.param([S.FAILED, S.HELD], S.FAILED, [S.FAILED], id="old news"),
        pytest.param([S.UNKNOWN, S.HELD], S.UNKNOWN, [S.UNKNOWN], id="what is in doubt stays in doubt"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_a_receipt_never_goes_back(
    desk: Desk, story: list[ReceiptState], last: ReceiptState, told_states: list[ReceiptState], together: bool
) -> None:
    answer = await answer_of(desk)
    receipts = [mark(answer, state, reason="r") for state in story]
    for batch in [receipts] if together else [[receipt] for receipt in receipts]:
        await desk.take(*batch)
    assert S((await shown(desk, answer)).receipt) == last
    assert [S(hint.state) for hint in seen(desk.bus)] == (told_states[-1:] if together else told_states)


async def test_a_message_that_waits_for_something_else_by_now_says_so(desk: Desk) -> None:
    answer = await answer_of(desk)
    await desk.take(mark(answer, S.HELD, reason="rate_limited"))
    await desk.take(mark(answer, S.HELD, reason="window_closed", fallback="ticket"))
    assert (await shown(desk, answer)).receipt_reason == "window_closed"
    told_of = [(event.id, event.message_held.reason) for event in desk.bus.events("message_held")]
    assert [reason for _, reason in told_of] == ["rate_limited", "window_closed"]
    assert len({event_id for event_id, _ in told_of}) == 2, "the second is no repetition of the first"


async def test_agents_see_the_window_before_they_send(desk: Desk) -> None:
    api = ConversationsApi(desk.database)
    await desk.take(said("v:1", "发货"), said("v:2", "发货"))
    answer = (await desk.transcript("v:1"))[-1].id
    await desk.take(mark(answer, S.ACCEPTED, reply_window=OPEN))
    listed = (await api.ListConversations(pb.ListConversationsRequest(workspace="shop"), NO_CONTEXT)).conversations
    windows = {item.address.customer: item.reply_window if item.HasField("reply_window") else None for item in listed}
    assert windows["v:2"] is None
    one = pb.GetConversationRequest(workspace="shop", conversation_id=(await desk.conversation("v:1")).id)
    for window in (windows["v:1"], (await api.GetConversation(one, NO_CONTEXT)).conversation.reply_window):
        assert window is not None
        assert window_from_proto(window) == OPEN


async def test_what_a_colleague_wrote_elsewhere_is_kept_once_and_never_sent(desk: Desk) -> None:
    await desk.take(said("v:1", "转人工"))
    published = len(desk.bus.published)
    words = Message(new_id(), address("v:1"), Author(AuthorKind.AGENT, "", "阿里"), c.Text("我在客户端回复了"), NOON)
    overheard = envelopes.inbound(words, 16, producer="wechat-1").envelope
    await desk.take(overheard)
    await desk.take(overheard)
    assert (await desk.words("v:1"))[-1] == "我在客户端回复了"
    [event] = [item.envelope.event.message_handled for item in desk.bus.published[published:]]
    assert (event.disposition, event.intent, event.producer) == (event_pb2.DISPOSITION_HELD, "elsewhere", "wechat-1")


async def test_what_a_program_wrote_is_kept_once_and_answered_by_no_program(desk: Desk) -> None:
    await desk.take(said("v:1", "转人工"))
    published, before = len(desk.bus.published), await desk.conversation("v:1")
    author = Author(AuthorKind.CUSTOMER, "v:1")
    words = Message(new_id(), address("v:1"), author, c.Text("我不在办公室"), NOON, automatic=True)
    told = envelopes.inbound(words, 16, producer="email-1").envelope
    await desk.take(told)
    await desk.take(told)
    assert (await desk.words("v:1"))[-1] == "我不在办公室"
    after = await desk.conversation("v:1")
    assert (after.state, after.session, after.epoch) == (before.state, before.session, before.epoch)
    [event] = [item.envelope.event.message_handled for item in desk.bus.published[published:]]
    assert (event.disposition, event.intent, event.reply_id) == (event_pb2.DISPOSITION_HELD, "automatic", "")
