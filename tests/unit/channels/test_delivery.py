"""What becomes of a message to a customer: sent once, in order, and every outcome told."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from yizhan.channels.contract import (
    Abilities,
    InboundReceipt,
    MenuStyle,
    NotAccepted,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    RetryLater,
    Sent,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.delivery import Deliveries, Pace
from yizhan.channels.figures import Figures
from yizhan.channels.sender import Sender
from yizhan.core.bus import envelopes, interface as bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable
from yizhan.core.messages.content import Content, Menu, MenuOption, Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1.envelope_pb2 import Envelope

Outcome = Sent | Exception


@dataclass
class ScriptedChannel:
    """Answers calls from a script, one entry per call; without one every call works."""

    script: Iterator[Outcome] | None = None
    able: Abilities = field(default_factory=lambda: Abilities(kinds=frozenset({Text, Menu}), max_text=100))
    name: str = "scripted"
    sent: list[Message] = field(default_factory=list)
    renewed: int = 0
    slow: dict[str, float] = field(default_factory=dict)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    def abilities(self, account: str) -> Abilities:
        return self.able

    async def send(self, message: Message, part: int) -> Sent:
        await asyncio.sleep(self.slow.get(message.address.customer, 0))
        self.sent.append(message)
        outcome = next(self.script) if self.script else Sent((f"p-{len(self.sent)}",))
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Sent)
        return outcome

    async def renew(self, account: str, token: str) -> None:
        self.renewed += 1


class Told:
    """Collects receipts; ``away`` makes telling fail."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.soft: list[tuple[Receipt, int]] = []
        self.away = False

    async def __call__(self, facts: list[InboundReceipt]) -> None:
        if self.away:
            raise NotAccepted(2.0)
        self.receipts += [fact.receipt for fact in facts]

    def later(self, receipt: Receipt, seq: int) -> None:
        self.soft.append((receipt, seq))


def scripted(*outcomes: Outcome) -> Iterator[Outcome]:
    return iter(outcomes)


def deliveries_of(channel: ScriptedChannel, told: Told, **pace: float) -> Deliveries:
    given = Pace(**pace)  # type: ignore[arg-type]
    return Deliveries(
        channel,
        Sender(channel, clock=now, pace=given),
        told,
        told.later,
        Figures(Metrics("test"), channel.name),
        clock=now,
        new_id=new_id,
        pace=given,
    )


def message(text: Content | str = "hi", customer: str = "c", seq: int = 1) -> Message:
    return Message(
        id=new_id(),
        address=Address("default", "scripted", "acc", customer),
        author=Author(AuthorKind.BOT),
        content=Text(text) if isinstance(text, str) else text,
        received_at=now(),
        seq=seq,
    )


def batch(*messages: Message) -> list[bus.Delivery]:
    return [bus.Delivery("outbound.scripted.0", envelopes.outbound(item, 4).envelope, False) for item in messages]


@pytest.mark.parametrize(
    ("script", "state", "reason", "detail", "calls"),
    [
        pytest.param([Sent(("p-1",))], ReceiptState.ACCEPTED, "", "", 1, id="it works"),
        pytest.param([Sent((), ReceiptState.DELIVERED)], ReceiptState.DELIVERED, "", "", 1, id="already delivered"),
        pytest.param([RetryLater(0.01), Sent()], ReceiptState.ACCEPTED, "", "", 2, id="it works the second time"),
        pytest.param([RetryLater(99.0)], ReceiptState.FAILED, "retries_spent", "", 1, id="it would take too long"),
        pytest.param([TokenExpired(), Sent()], ReceiptState.ACCEPTED, "", "", 2, id="a new token helps"),
        pytest.param([TokenExpired(), TokenExpired()], ReceiptState.FAILED, "token_expired", "", 2, id="it does not"),
        pytest.param([WindowClosed()], ReceiptState.FAILED, "window_closed", "", 1, id="too late"),
        pytest.param([QuotaSpent()], ReceiptState.FAILED, "quota_spent", "", 1, id="too many"),
        pytest.param([Refused("45047", "spam")], ReceiptState.FAILED, "refused", "45047 spam", 1, id="refused"),
        pytest.param([OutcomeUnknown()], ReceiptState.UNKNOWN, "outcome_unknown", "", 1, id="nobody knows"),
        pytest.param([ZeroDivisionError()], ReceiptState.UNKNOWN, "channel_error", "", 1, id="a mistake of ours"),
        pytest.param([TimeoutError()], ReceiptState.UNKNOWN, "timeout", "", 1, id="no answer in time"),
    ],
)
async def test_every_outcome_is_told(
    script: list[Outcome], state: ReceiptState, reason: str, detail: str, calls: int
) -> None:
    channel, told = ScriptedChannel(iter(script)), Told()
    sent = message()
    await deliveries_of(channel, told, patience=1.0).handle(batch(sent))
    (receipt,) = told.receipts
    assert (receipt.state, receipt.reason, receipt.detail, receipt.message_id) == (state, reason, detail, sent.id)
    assert len(channel.sent) == calls


async def test_a_provider_that_hangs_is_not_waited_for() -> None:
    channel, told = ScriptedChannel(slow={"c": 5.0}), Told()
    await deliveries_of(channel, told, call=0.05).handle(batch(message()))
    assert (told.receipts[0].state, told.receipts[0].reason) == (ReceiptState.UNKNOWN, "timeout")


async def test_messages_of_one_conversation_keep_their_order_and_conversations_do_not_wait() -> None:
    channel, told = ScriptedChannel(slow={"slow": 0.05}), Told()
    messages = [message(f"{customer} {n}", customer, n) for n in range(3) for customer in ("slow", "a", "b")]
    await deliveries_of(channel, told).handle(batch(*messages))
    order = [item.content.text for item in channel.sent if isinstance(item.content, Text)]
    assert [text for text in order if text.startswith("a")] == ["a 0", "a 1", "a 2"]
    assert [text for text in order if text.startswith("b")] == ["b 0", "b 1", "b 2"]
    assert order[6:] == ["slow 0", "slow 1", "slow 2"]
    assert len(told.receipts) == 9


async def test_a_batch_that_comes_again_is_told_again_but_not_sent_again() -> None:
    channel, told = ScriptedChannel(), Told()
    deliveries = deliveries_of(channel, told)
    told.away = True
    sent = batch(message("one"), message("two"))
    with pytest.raises(bus.RetryLater) as raised:
        await deliveries.handle(sent)
    assert raised.value.after == 2.0
    told.away = False
    await deliveries.handle(sent)
    assert len(channel.sent) == 2
    assert [receipt.external_id for receipt in told.receipts] == ["p-1", "p-2"]


async def test_only_so_many_messages_are_remembered() -> None:
    channel, told = ScriptedChannel(), Told()
    deliveries = deliveries_of(channel, told, remember=2)
    first, second, third = (message(f"{n}") for n in range(3))
    await deliveries.handle(batch(first, second, third))
    await deliveries.handle(batch(second, third))
    assert len(channel.sent) == 3
    await deliveries.handle(batch(first))
    assert len(channel.sent) == 4


async def test_a_screen_that_confirms_delivery_overtakes_the_receipt() -> None:
    abilities = Abilities(kinds=frozenset({Text}), confirms_delivery=True)
    channel, told = ScriptedChannel(able=abilities), Told()
    sent = message(seq=7)
    await deliveries_of(channel, told).handle(batch(sent))
    assert told.receipts == []
    ((receipt, seq),) = told.soft
    assert (receipt.state, receipt.message_id, seq) == (ReceiptState.ACCEPTED, sent.id, 7)


async def test_a_long_message_goes_in_parts_and_stops_at_the_first_that_fails() -> None:
    channel, told = ScriptedChannel(scripted(Sent(("p-1",)), WindowClosed())), Told()
    await deliveries_of(channel, told).handle(batch(message("x" * 250)))
    assert len(channel.sent) == 2
    assert (told.receipts[0].state, told.receipts[0].reason) == (ReceiptState.FAILED, "window_closed")


async def test_a_menu_becomes_numbers_where_there_are_no_buttons() -> None:
    channel, told = ScriptedChannel(), Told()
    menu = Menu("m", "Which?", (MenuOption("1", "this"), MenuOption("2", "that")))
    await deliveries_of(channel, told).handle(batch(message(menu)))
    assert channel.sent[0].content == Text("Which?\n1. this\n2. that")
    buttons = ScriptedChannel(able=Abilities(kinds=frozenset({Menu}), menu=MenuStyle.BUTTONS))
    await deliveries_of(buttons, told).handle(batch(message(menu)))
    assert buttons.sent[0].content == menu


async def test_what_is_no_message_is_an_error_for_the_bus() -> None:
    delivery = bus.Delivery("outbound.scripted.0", Envelope(id="e-1"), False)
    with pytest.raises(Undecodable):
        await deliveries_of(ScriptedChannel(), Told()).handle([delivery])


async def test_stopping_in_the_middle_leaves_no_call_running() -> None:
    channel, told = ScriptedChannel(slow={"c": 5.0}), Told()
    task = asyncio.create_task(deliveries_of(channel, told).handle(batch(message())))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert channel.sent == []
    assert told.receipts == []
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "deliver"]
