"""Parked envelopes: their names, and the event that tells of them. Shared by both buses."""

import hashlib
from typing import Final

from yizhan.core.bus.batch import unpack
from yizhan.core.bus.intake import Parked
from yizhan.core.bus.interface import Publication
from yizhan.core.bus.topology import EVENT_KEYS, Exchange, dead_queue
from yizhan.core.messages.ids import derived_id
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.event_pb2 import Event
from yizhan.pb.v1.message_pb2 import AUTHOR_KIND_CUSTOMER

_SEPARATOR: Final = "/"
_HASH_LETTERS: Final = 24


def letter_id(queue: str, part: Envelope | bytes) -> str:
    """The same letter has the same id each time one looks: its queue and the envelope's id, or a hash of the bytes."""
    if isinstance(part, bytes):
        return f"{queue}{_SEPARATOR}raw-{hashlib.sha256(part).hexdigest()[:_HASH_LETTERS]}"
    return f"{queue}{_SEPARATOR}{part.id}"


def envelope_of(body: bytes) -> Envelope | None:
    """The one envelope of a letter; None where the bytes are not one."""
    parts = unpack(body)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Envelope) else None


def queue_of(letter_id: str) -> str:
    """The queue in a letter's id."""
    return letter_id.partition(_SEPARATOR)[0]


def original_queue(name: str) -> str:
    """``inbound.0`` for both ``inbound.0`` and ``dead.inbound.0``: people type either."""
    prefix = dead_queue("")
    return name.removeprefix(prefix)


def told(letter: Parked) -> Publication | None:
    """The event ``message.dead`` for a letter that somebody counts on; None for events themselves and raw bytes.

    Its ids follow from the letter, so telling twice is telling once.
    """
    envelope = letter.envelope
    if envelope is None:
        return None
    match envelope.WhichOneof("payload"):
        case "message":
            address = envelope.message.address
            customer_message = envelope.message.author.kind == AUTHOR_KIND_CUSTOMER
        case "receipt":
            address, customer_message = envelope.receipt.address, False
        case "command":
            address, customer_message = envelope.command.address, False
        case _:
            return None
    event = Event(id=derived_id("message.dead", letter.queue, envelope.id), address=address)
    event.message_dead.envelope_id = envelope.id
    event.message_dead.queue = letter.queue
    event.message_dead.reason = letter.reason
    event.message_dead.producer = envelope.producer
    event.message_dead.customer_message = customer_message
    wrapped = Envelope(id=event.id, published_at=envelope.published_at, traceparent=envelope.traceparent, event=event)
    return Publication(Exchange.EVENTS, EVENT_KEYS["message_dead"], wrapped)
