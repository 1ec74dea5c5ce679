"""From what a service has to say to what travels: envelopes, and publications with the right exchange and key.

A publication is finished when it is made: kept in an outbox and published later, or twice, it is the same envelope
with the same id, so consumers recognise it. Where ``producer`` is left empty, the bus writes its own when publishing.
"""

from yizhan.core.bus.interface import Publication
from yizhan.core.bus.topology import EVENT_KEYS, Exchange, inbound_key, outbound_key
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import message_to_proto, receipt_to_proto, timestamp
from yizhan.core.messages.command import Command
from yizhan.core.messages.command_codec import command_to_proto
from yizhan.core.messages.ids import NewId, new_id as _new_id
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import Receipt
from yizhan.core.runtime.clock import Clock, now
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.event_pb2 import Event
from yizhan.pb.v1.live_pb2 import Live


def blank(*, producer: str = "", traceparent: str = "", new_id: NewId = _new_id, clock: Clock = now) -> Envelope:
    """An envelope with nothing in it yet."""
    return Envelope(id=new_id(), published_at=timestamp(clock()), producer=producer, traceparent=traceparent)


def inbound(
    fact: Message | Receipt | Command, partitions: int, *, producer: str = "", traceparent: str = ""
) -> Publication:
    """To the conversation's partition: what the customer said, what became of a message, what a service asks."""
    envelope = blank(producer=producer, traceparent=traceparent)
    match fact:
        case Message():
            envelope.message.CopyFrom(message_to_proto(fact))
        case Receipt():
            envelope.receipt.CopyFrom(receipt_to_proto(fact))
        case Command():
            envelope.command.CopyFrom(command_to_proto(fact))
    return Publication(Exchange.INBOUND, inbound_key(fact.address, partitions), envelope)


def outbound(message: Message, partitions: int, *, producer: str = "", traceparent: str = "") -> Publication:
    """To the channel of the message's address."""
    envelope = blank(producer=producer, traceparent=traceparent)
    envelope.message.CopyFrom(message_to_proto(message))
    return Publication(Exchange.OUTBOUND, outbound_key(message.address, partitions), envelope)


def outbound_encoded(encoded: message_pb2.Message, address: Address, partitions: int) -> Publication:
    """``outbound`` for a message whose protobuf form is at hand; ``address`` is the message's."""
    envelope = blank()
    envelope.message.CopyFrom(encoded)
    return Publication(Exchange.OUTBOUND, outbound_key(address, partitions), envelope)


def event(what: Event, *, producer: str = "", traceparent: str = "") -> Publication:
    """To everyone who keeps count or acts on it. Raises ValueError for an event without a kind."""
    envelope = blank(producer=producer, traceparent=traceparent)
    envelope.event.CopyFrom(what)
    return Publication(Exchange.EVENTS, event_key(what), envelope)


def live(hint: Live, *, producer: str = "", traceparent: str = "") -> Envelope:
    """For ``Bus.announce``."""
    envelope = blank(producer=producer, traceparent=traceparent)
    envelope.live.CopyFrom(hint)
    return envelope


def event_key(what: Event) -> str:
    """The routing key of an event. Raises ValueError when it has no kind."""
    kind = what.WhichOneof("kind")
    if kind is None:
        raise ValueError("an event without a kind")
    return EVENT_KEYS[kind]
