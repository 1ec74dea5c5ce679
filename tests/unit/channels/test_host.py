"""Facts are durable or not accepted; what is counted is what arrived."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from yizhan.channels import host as host_module
from yizhan.channels.contract import (
    InboundMessage,
    InboundReceipt,
    InboundTyping,
    InboundVisit,
    NotAccepted,
)
from yizhan.channels.host import ChannelHost
from yizhan.core.bus.interface import Bus, BusUnavailable, Publication, Unroutable
from yizhan.core.bus.topology import Exchange, inbound_key
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1.envelope_pb2 import Envelope

ADDRESS = Address("default", "website", "demo", "c")


class FakeBus:
    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.published: list[Publication] = []
        self.announced: list[tuple[str, Envelope]] = []
        self.batches: list[int] = []

    async def publish(self, publications: Sequence[Publication]) -> None:
        self.batches.append(len(publications))
        self.published += publications
        self.meanwhile()
        if self.error is not None:
            raise self.error

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        self.announced += [(key, envelope) for envelope in envelopes]


def host_of(bus: FakeBus) -> ChannelHost:
    return ChannelHost(
        "website",
        cast(Bus, bus),
        partitions=4,
        producer="website-1",
        metrics=Metrics("test"),
        clock=now,
        new_id=new_id,
    )


def said(text: str = "hi") -> InboundMessage:
    return InboundMessage(Message(new_id(), ADDRESS, Author(AuthorKind.CUSTOMER), Text(text), now()))


def value(metric: Any) -> float:
    return float(metric._value.get())


async def test_facts_go_to_the_partition_of_their_conversation_in_one_flush() -> None:
    bus = FakeBus()
    host = host_of(bus)
    first = said()
    receipt = InboundReceipt(Receipt(new_id(), ADDRESS, ReceiptState.READ, now(), up_to_seq=3))
    visit = InboundVisit(Command(new_id(), ADDRESS, now(), Visit()))
    await host.accept([first, receipt, visit])
    assert bus.batches == [3]
    assert [item.envelope.WhichOneof("payload") for item in bus.published] == ["message", "receipt", "command"]
    assert {item.exchange for item in bus.published} == {Exchange.INBOUND}
    assert {item.key for item in bus.published} == {inbound_key(ADDRESS, 4)}
    assert {item.envelope.producer for item in bus.published} == {"website-1"}
    assert host.tally.total == 1
    assert value(host.figures.accepted) == 1


async def test_typing_is_only_a_hint_for_agents() -> None:
    bus = FakeBus()
    await host_of(bus).accept([InboundTyping(ADDRESS, Author(AuthorKind.CUSTOMER, "c", "王"))])
    assert bus.published == []
    ((key, envelope),) = bus.announced
    assert key == "console"
    assert envelope.live.typing.author.name == "王"
    assert envelope.live.address.customer == "c"


@pytest.mark.parametrize("error", [BusUnavailable("away"), Unroutable("no queue")])
async def test_what_the_bus_did_not_take_is_not_accepted(error: Exception) -> None:
    bus = FakeBus()
    bus.error = error
    host = host_of(bus)
    with pytest.raises(NotAccepted):
        await host.accept([said(), said()])
    assert host.tally.total == 0
    assert value(host.figures.accepted) == 0
    assert value(host.figures.unaccepted) == 2


async def test_the_same_message_again_is_the_same_envelope() -> None:
    """It may have arrived the first time; dialogue knows a redelivered envelope from a second message."""
    bus = FakeBus()
    bus.error = BusUnavailable("no confirm")
    host = host_of(bus)
    message = said()
    with pytest.raises(NotAccepted):
        await host.accept([message])
    bus.error = None
    await host.accept([message])
    await host.accept([message])
    ids = [item.envelope.id for item in bus.published]
    assert ids[0] == ids[1] != ids[2]
    assert host.tally.total == 2


async def test_a_message_that_arrived_without_a_confirm_is_counted_when_it_is_seen() -> None:
    bus = FakeBus()
    bus.error = BusUnavailable("no confirm")
    host = host_of(bus)
    message = said()
    with pytest.raises(NotAccepted):
        await host.accept([message])
    for _ in range(2):
        host.seen(message.message.id)
        host.seen("somebody else's")
    assert host.tally.total == 1


class TestVisitThatWaits:
    """A customer who writes at once: dialogue hears of the visit first, and greets before it answers."""

    async def test_goes_in_front_of_the_message_in_the_same_flush(self) -> None:
        bus = FakeBus()
        host = host_of(bus)
        host.note(visited("https://a.example"))
        await host.accept([said(), said()])
        assert bus.batches == [3]
        assert payloads(bus) == ["command", "message", "message"]
        await host.accept([said()])
        assert payloads(bus)[3:] == ["message"]

    async def test_of_somebody_else_stays(self) -> None:
        bus = FakeBus()
        host = host_of(bus)
        host.note(visited("https://a.example", Address("default", "website", "demo", "other")))
        await host.accept([said()])
        assert payloads(bus) == ["message"]

    async def test_leaves_the_receipts_of_the_customer_where_they_are(self) -> None:
        bus = FakeBus()
        host = host_of(bus)
        host.note(InboundReceipt(Receipt(new_id(), ADDRESS, ReceiptState.READ, now(), up_to_seq=3)))
        host.note(visited("https://a.example"))
        await host.accept([said()])
        assert payloads(bus) == ["command", "message"]

    @pytest.mark.parametrize("error", [BusUnavailable("away"), asyncio.CancelledError()])
    async def test_comes_with_the_next_message_when_the_bus_did_not_take_it(self, error: BaseException) -> None:
        bus = FakeBus()
        bus.error = error
        host = host_of(bus)
        host.note(visited("https://a.example"))
        with pytest.raises((NotAccepted, asyncio.CancelledError)):
            await host.accept([said()])
        bus.error = None
        bus.published.clear()
        await host.accept([said()])
        assert payloads(bus) == ["command", "message"]

    async def test_that_comes_back_does_not_replace_a_newer_one(self) -> None:
        bus = FakeBus()
        host = host_of(bus)
        bus.error = BusUnavailable("away")
        bus.meanwhile = lambda: host.note(visited("https://b.example"))
        host.note(visited("https://a.example"))
        with pytest.raises(NotAccepted):
            await host.accept([said()])
        bus.error = None
        bus.published.clear()
        await host.accept([said()])
        assert bus.published[0].envelope.command.visit.page_url == "https://b.example"


def visited(url: str, address: Address = ADDRESS) -> InboundVisit:
    return InboundVisit(Command(new_id(), address, now(), Visit(page_url=url)))


def payloads(bus: FakeBus) -> list[str | None]:
    return [item.envelope.WhichOneof("payload") for item in bus.published]


async def test_only_so_many_unconfirmed_messages_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "UNCONFIRMED", 2)
    bus = FakeBus()
    bus.error = BusUnavailable("away")
    host = host_of(bus)
    messages = [said(f"{n}") for n in range(3)]
    for message in messages:
        with pytest.raises(NotAccepted):
            await host.accept([message])
    for message in messages:
        host.seen(message.message.id)
    assert host.tally.total == 2
