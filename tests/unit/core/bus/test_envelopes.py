"""From domain objects to publications."""

from datetime import UTC, datetime

import pytest

from yizhan.core.bus import envelopes
from yizhan.core.bus.figures import family
from yizhan.core.bus.letters import letter_id, original_queue, queue_of
from yizhan.core.bus.topology import EVENT_KEYS, Exchange
from yizhan.core.messages.address import Address, partition
from yizhan.core.messages.codec import message_from_proto, receipt_from_proto
from yizhan.core.messages.command import Command, TimerFired
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.event_pb2 import Event
from yizhan.pb.v1.live_pb2 import Live

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ADDRESS = Address("acme", "website", "shop", "v:1")
MESSAGE = Message("m1", ADDRESS, Author(AuthorKind.CUSTOMER), Text("你好"), AT)
RECEIPT = Receipt("r1", ADDRESS, ReceiptState.READ, AT, up_to_seq=3)
COMMAND = Command("c1", ADDRESS, AT, TimerFired("idle", 1))


def test_everything_of_one_conversation_goes_to_its_partition() -> None:
    publications = [envelopes.inbound(fact, 16) for fact in (MESSAGE, RECEIPT, COMMAND)]
    assert {(item.exchange, item.key) for item in publications} == {(Exchange.INBOUND, str(partition(ADDRESS, 16)))}
    assert message_from_proto(publications[0].envelope.message) == MESSAGE
    assert receipt_from_proto(publications[1].envelope.receipt) == RECEIPT
    assert command_from_proto(publications[2].envelope.command) == COMMAND


def test_a_message_to_the_customer_goes_to_its_channel_on_the_same_partition() -> None:
    publication = envelopes.outbound(MESSAGE, 16, producer="dialogue-1")
    assert (publication.exchange, publication.key) == (Exchange.OUTBOUND, f"website.{partition(ADDRESS, 16)}")
    assert publication.envelope.producer == "dialogue-1"


def test_every_kind_of_event_has_a_key() -> None:
    kinds = {field.name for field in Event.DESCRIPTOR.oneofs_by_name["kind"].fields}
    assert kinds == set(EVENT_KEYS)
    for kind in kinds:
        event = Event(id="e")
        getattr(event, kind).SetInParent()
        assert envelopes.event(event).key == EVENT_KEYS[kind]
    with pytest.raises(ValueError, match="without a kind"):
        envelopes.event(Event(id="e"))


def test_each_envelope_has_an_id_of_its_own_and_the_time_it_was_made() -> None:
    first, second = envelopes.live(Live()), envelopes.live(Live())
    assert first.id != second.id
    stamped = envelopes.blank(new_id=lambda: "fixed", clock=lambda: AT, traceparent="00-1-2-01")
    assert (stamped.id, stamped.published_at.ToDatetime(tzinfo=UTC), stamped.traceparent) == ("fixed", AT, "00-1-2-01")


def test_a_letter_is_named_by_its_queue_and_envelope() -> None:
    assert letter_id("inbound.0", Envelope(id="e1")) == "inbound.0/e1"
    raw = letter_id("outbound.website.3", b"bytes")
    assert raw == letter_id("outbound.website.3", b"bytes") != letter_id("outbound.website.3", b"other")
    assert queue_of(raw) == "outbound.website.3"
    assert original_queue("dead.inbound.0") == original_queue("inbound.0") == "inbound.0"


@pytest.mark.parametrize(
    ("queue", "wanted"),
    [("inbound.11", "inbound"), ("outbound.website.3", "outbound.website"), ("metrics.events", "metrics.events")],
)
def test_figures_are_labelled_by_families_of_queues(queue: str, wanted: str) -> None:
    assert family(queue) == wanted
