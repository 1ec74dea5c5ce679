"""What arrives on a conversation's partition, parsed."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, message_from_proto, moment, receipt_from_proto
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import Receipt
from yizhan.pb.v1.envelope_pb2 import Envelope


@dataclass(frozen=True, slots=True)
class Arrival:
    """One envelope, parsed: what it is, whom it concerns, and the key that makes it happen once (empty: harmless)."""

    what: Message | Receipt | k.Command
    address: Address
    once: str
    envelope_id: str
    producer: str
    published_at: datetime


def parse(envelope: Envelope) -> Arrival:
    """Raises Undecodable for anything that has no place on a conversation's partition."""
    at = moment(envelope.published_at)
    match envelope.WhichOneof("payload"):
        case "message":
            message = message_from_proto(envelope.message)
            once = message_key(message.address.channel, message.address.account, message.dedupe_key or message.id)
            return Arrival(message, message.address, once, envelope.id, envelope.producer, at)
        case "receipt":
            receipt = receipt_from_proto(envelope.receipt)
            return Arrival(receipt, receipt.address, "", envelope.id, envelope.producer, at)
        case "command":
            command = command_from_proto(envelope.command)
            return Arrival(command, command.address, f"c:{command.id}", envelope.id, envelope.producer, at)
        case kind:
            raise Undecodable(f"{kind} has no place here")


def message_key(channel: str, account: str, key: str) -> str:
    """What a message is known by in the inbox; ``key``: its dedupe key, or its id where it has none."""
    return f"m:{channel}:{account}:{key}"
