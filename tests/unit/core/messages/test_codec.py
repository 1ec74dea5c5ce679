"""What goes over the wire comes back the same; what is not ours is refused by name."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import (
    Undecodable,
    content_from_proto,
    content_to_proto,
    message_from_proto,
    message_to_proto,
    moment,
    receipt_from_proto,
    receipt_to_proto,
    timestamp,
)
from yizhan.core.messages.command_codec import command_from_proto, command_to_proto
from yizhan.core.messages.content import Content, plain_text
from yizhan.core.messages.message import Author, AuthorKind, Grounding, Message, placed, reply
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.pb.v1 import command_pb2, message_pb2, receipt_pb2

AT = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
ADDRESS = Address("shop", "website", "demo", "v:1", "t")
MEDIA = c.Media("a" * 64, "image/png", "照片.png", 123, 4, 5, 6)
GOODS = c.GoodsCard("g1", "茶", 1999, "CNY", "https://x/i.png", "https://x")

CONTENTS: list[Content] = [
    c.Text("你好\n<script>"),
    c.Image(MEDIA),
    c.Voice(MEDIA),
    c.Voice(replace(MEDIA, recognised="什么时候发货")),
    c.Text("什么时候发货", heard=True),
    c.Text(
        "什么时候发货",
        mail=c.Mail("订单", "Anna <a@x>", ("s@x",), ("b@x",), "> 旧", "<p>新</p>", 2, "list", True, True),
    ),
    c.Text("请看附件", mail=c.Mail("Re: 订单", answers_to="a@x", attachments=(MEDIA, replace(MEDIA, name="b.pdf")))),
    c.Video(MEDIA),
    c.File(MEDIA),
    c.Location(30.5, -120.25, "杭州"),
    c.Link("https://x", "题", "述"),
    c.Menu("m", "哪个？", (c.MenuOption("1", "一"), c.MenuOption("2", "二"))),
    c.Choice("m", "1", "一"),
    GOODS,
    c.OrderCard("o1", "已发货", (GOODS,), 1999, "CNY", "https://x"),
    c.LogisticsCard("o1", "顺丰", "SF1", (c.LogisticsStep(AT, "已揽收"),), "https://x"),
    c.RefundCard("r1", "o1", "已退款", 1999, "CNY", "https://x"),
    c.TimelineEvent("closed", "会话已结束"),
]

QUESTION = Message(
    "01a", ADDRESS, Author(AuthorKind.CUSTOMER, "v:1", "小明"), c.Text("发货"), AT,
    external_id="x", dedupe_key="d", conversation_id="c", channel_data=b"\x00\xff", locale="zh-CN", customer_name="小明",
)  # fmt: skip

COMMANDS: list[k.CommandKind] = [
    k.Say("a", "小雅", c.Text("好"), "x"),
    k.Say("a", "小雅", c.Text("好"), "x", k.SuggestionUse()),
    k.Say("a", "小雅", c.Text("好"), "x", k.SuggestionUse("ship", edited=True, shown=("ship", "back"))),
    k.Say("a", "小雅", c.Text("好"), "x", k.SuggestionUse("fee", shown=("ship",), searched=True)),
    k.MarkOffered("a", "o"),
    k.Assign("a", "小雅", "s"),
    k.ReturnToBot("a", "done"),
    k.Close("a", "done", ask_rating=False),
    k.MarkTicketed("t", "T1", AT),
    k.TellProgress(0),
    k.TellProgress(3),
    k.TellProgress(3, 60, 180),
    k.TellOffHours(AT),
    k.Acknowledge(AT),
    k.TellOffHours(AT, can_leave_message=False),
    k.MarkTicketed("t", "T1", AT, "callback", AT),
    k.OfferInstead(leave_message=True, callback=False),
    k.OfferInstead(leave_message=False, callback=True, next_open=AT, wished="callback"),
    k.SuggestTimes("closed", (AT, AT)),
    k.TellCallback("missed", "T1", AT),
    k.TellCallback("none"),
    k.Note("a", "小雅", c.Text("注意"), "x", "b"),
    k.Requeue("a", "要查发票", "g", "发票组", "注意", "小雅"),
    k.Watch(AT),
    k.Watch(end=True),
    k.AskTicketRating("t", "T1", 2, AT),
    k.AskTicketRating("t", "T1", 2, AT, at_end=True),
    k.AskTicketRating("t", "T1", 2, AT, withdraw=True),
    k.Reply("a", "小雅", c.Text("已退款"), "t", "client-1"),
    k.TimerFired("idle", 2),
    k.Visit("en", "https://x", "x", "n", verified=True),
    k.JobFinished("j", "connector", k.JobOutcome.DONE, b"\x00answer"),
    k.JobFinished("j", "connector", k.JobOutcome.TIMED_OUT, reason="deadline"),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_every_kind_of_content_survives_the_wire_and_has_words(content: Content) -> None:
    wire = message_pb2.Content.FromString(content_to_proto(content).SerializeToString())
    assert content_from_proto(wire) == content
    assert plain_text(content)


def test_a_message_survives_the_wire() -> None:
    whole = replace(
        placed(QUESTION, conversation_id="c", seq=7, epoch=2, session=3, at=AT),
        sent_at=AT,
        grounding=Grounding("r", "e", 0.5),
    )
    assert message_from_proto(message_pb2.Message.FromString(message_to_proto(whole).SerializeToString())) == whole


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: type(kind).__name__)
def test_a_command_survives_the_wire(kind: k.CommandKind) -> None:
    command = k.Command("id", ADDRESS, AT, kind, "c", 4)
    assert command_from_proto(command_pb2.Command.FromString(command_to_proto(command).SerializeToString())) == command


def test_a_receipt_survives_the_wire() -> None:
    receipt = Receipt("id", ADDRESS, ReceiptState.FAILED, AT, "m", 0, "x", "window_closed", "45015")
    assert receipt_from_proto(receipt_pb2.Receipt.FromString(receipt_to_proto(receipt).SerializeToString())) == receipt


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda pb: pb.ClearField("id"), id="no id"),
        pytest.param(lambda pb: pb.ClearField("received_at"), id="no time"),
        pytest.param(lambda pb: pb.ClearField("author"), id="no author"),
        pytest.param(lambda pb: pb.ClearField("content"), id="no content"),
        pytest.param(lambda pb: pb.address.ClearField("customer"), id="no customer"),
        pytest.param(lambda pb: setattr(pb.received_at, "seconds", 10**15), id="a time that no calendar has"),
    ],
)
def test_a_message_that_is_not_whole_is_refused(change: object) -> None:
    wire = message_to_proto(QUESTION)
    change(wire)  # type: ignore[operator]
    with pytest.raises(Undecodable):
        message_from_proto(wire)


def test_a_reply_goes_where_the_question_came_from_and_cannot_be_sent_elsewhere() -> None:
    answer = reply(QUESTION, id="02", author=Author(AuthorKind.BOT), content=c.Text("好"), at=AT)
    assert (answer.address, answer.in_reply_to, answer.channel_data) == (ADDRESS, "01a", b"\x00\xff")
    with pytest.raises(TypeError):
        reply(QUESTION, id="02", author=Author(AuthorKind.BOT), content=c.Text("好"), at=AT, address=ADDRESS)  # type: ignore[call-arg]


def test_times_keep_their_microseconds() -> None:
    stamp = timestamp(AT)
    assert stamp is not None
    assert moment(stamp) == AT
    assert timestamp(None) is None
