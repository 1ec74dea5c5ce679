"""Mails on a real database: acknowledged by the contract's calendar, kept as they were, and decided the same again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import FEE, SHIP, SHOP
from tests.contract.services.replay_bench import ReplayShop
from tests.contract.services.routing_desk import Desk, desk_on
from tests.contract.services.test_routing_hours import OFFICE, at, local, publish
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import content_from_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

ANNA = Address(SHOP, "email", "support", "anna@x.example", "thread-1")
MAILS = OFFICE + "first_response:\n  email: {within: 2h, calendar: desk}\n"


def acknowledged(desk: Desk) -> list[datetime]:
    return [one.kind.promised_by for one in desk.told(k.Acknowledge) if isinstance(one.kind, k.Acknowledge)]


@pytest.mark.parametrize(
    ("asked", "promise"),
    [
        (local(23, 10), local(23, 12)),
        (local(23, 11), local(23, 14, 30)),
        (local(23, 20), local(24, 11)),
        (local(27, 17), local(30, 10)),
    ],
    ids=["in the morning", "over lunch", "in the evening", "before the weekend"],
)
async def test_a_mail_is_promised_an_answer_in_the_hours_of_the_contract(
    database: Database, bus: RecordingBus, clock: SteppedClock, asked: datetime, promise: datetime
) -> None:
    desk = desk_on(database, bus, clock)
    at(desk, asked)
    await publish(desk, MAILS)
    await desk.wants_human("c1", acknowledge=True)
    await desk.wants_human("c2")
    assert acknowledged(desk) == [promise]
    kinds = [type(one.kind) for one in bus.commands() if one.conversation_id == "c1"]
    assert kinds[0] is k.Acknowledge, "whatever becomes of the mail, its customer hears first that it is there"


def mail(words: str, at: datetime, *, id: str = "", automatic: str = "") -> Envelope:
    part = c.Mail(
        "订单", "Anna <anna@x.example>", ("service@shop.example",), full_text=f"{words}\n> 旧", automatic=automatic
    )
    author = Author(AuthorKind.CUSTOMER, ANNA.customer)
    message = Message(id or new_id(), ANNA, author, c.Text(words, mail=part), at, dedupe_key=new_id())
    return envelopes.inbound(message, 16, producer="email-1").envelope


async def _conversation(shop: ReplayShop) -> Conversation:
    async with shop.database.read() as tx:
        found = await store.conversation_by_address(tx, ANNA)
    assert found is not None
    return found


async def _transcript(shop: ReplayShop) -> list[message_pb2.Message]:
    conversation = await _conversation(shop)
    async with shop.database.read() as tx:
        return [
            message_pb2.Message.FromString(row.body) for row in await store.messages_after(tx, conversation.id, 0, 50)
        ]


async def test_mails_are_kept_answered_acknowledged_once_and_decided_again_the_same(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    shop = ReplayShop(database, bus, clock)
    await shop.publish(SHIP, FEE)
    known, unknown = (
        mail("什么时候发货", clock(), id=new_id()),
        mail("我的猫吃了说明书，这事怎么处理", clock(), id=new_id()),
    )
    await shop.desk.take(known)
    clock.step(1)
    await shop.desk.take(unknown)
    conversation = await _conversation(shop)
    assert conversation.state is State.QUEUED
    for _ in range(2):
        told = k.Command(
            new_id(), ANNA, clock(), k.Acknowledge(clock() + timedelta(hours=2)), conversation.id, conversation.epoch
        )
        await shop.desk.take(envelopes.inbound(told, 16).envelope)
    said = await _transcript(shop)
    first = content_from_proto(said[0].content)
    assert isinstance(first, c.Text)
    assert first.mail is not None
    assert first.mail.full_text == "什么时候发货\n> 旧"
    bots = [one for one in said if one.author.kind == message_pb2.AUTHOR_KIND_BOT]
    assert [bool(one.grounding.entry_id) for one in bots] == [True, False]
    assert bots[0].grounding.entry_id == "ship"
    assert "我们已收到您的邮件" in bots[1].content.text.text
    kept = await _conversation(shop)
    assert kept.acknowledged_at is not None
    assert (kept.mail_subject, kept.topic, kept.urgency) == ("订单", conversation.topic, Urgency.NORMAL)
    for asked in (known, unknown):
        again = await shop.replayer().replay(SHOP, asked.message.id)
        assert (again.identical, again.changed) == (True, ())


async def test_an_acknowledgement_is_no_first_response(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    """What was handled has no reply, and what goes out answers nothing: the contract's clock goes on until somebody answers."""
    shop = ReplayShop(database, bus, clock)
    await shop.publish(replace(SHIP))
    await shop.desk.take(mail("我的猫吃了说明书，这事怎么处理", clock()))
    conversation = await _conversation(shop)
    told = k.Command(new_id(), ANNA, clock(), k.Acknowledge(clock()), conversation.id, conversation.epoch)
    await shop.desk.take(envelopes.inbound(told, 16).envelope)
    [handled] = [event.message_handled for event in bus.events("message_handled")]
    assert handled.reply_id == ""
    assert [one.in_reply_to for one in await _transcript(shop) if one.author.kind == message_pb2.AUTHOR_KIND_BOT] == [
        ""
    ]
