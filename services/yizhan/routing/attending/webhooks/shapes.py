"""What is told, as JSON. Contents have the form that browsers get (``docs/website-protocol.md``). Pure."""

from typing import Any

from google.protobuf.message import Message as Proto

from yizhan.core.messages.codec import Undecodable, content_from_proto, moment as from_stamp
from yizhan.core.messages.json_form import Json, MediaUrl, content_json, moment
from yizhan.core.messages.message import AuthorKind
from yizhan.core.messages.receipt import ReceiptState
from yizhan.pb.v1 import conversations_pb2, message_pb2, routing_pb2 as pb


class EventUnknown(Exception):
    """A kept event that only a newer version than this one can tell."""


def event_json(event: pb.AttendEvent) -> tuple[str, Json]:
    """The type of a kept event, and what it says. Raises EventUnknown."""
    match event.WhichOneof("kind"):
        case "snapshot":
            snapshot = event.snapshot
            offers = [offer_json(offer) for offer in snapshot.offers]
            return "snapshot", {"offers": offers, "assigned": [assigned_json(one) for one in snapshot.assigned]}
        case "offer":
            return "offer", {"change": event.offer.change, "offer": offer_json(event.offer.offer)}
        case "assigned":
            return "assigned", assigned_json(event.assigned)
        case "ended":
            return "ended", ended_json(event.ended)
        case "refused":
            return "refused", refused_json(event.refused)
        case None if event == pb.AttendEvent(cursor=event.cursor, at=event.at):
            return "erased", {}  # it was about a customer of whom nothing may be kept
        case _:
            raise EventUnknown


def offer_json(offer: pb.Offer) -> Json:
    return {
        "id": offer.id,
        "conversation_id": offer.conversation_id,
        "address": address_json(offer.address),
        "agent_id": offer.agent_id,
        "epoch": offer.epoch,
        "made_at": time(offer, "made_at"),
        "expires_at": time(offer, "expires_at"),
        "deadline": time(offer, "deadline"),
        "reason": offer.reason,
        "customer_name": offer.customer_name,
        "last_text": offer.last_text,
        "reply_window": window_json(offer),
        "group_id": offer.group_id or None,
        "priority": offer.priority,
        "from_agent_id": offer.from_agent_id or None,
        "note": offer.note,
    }


def assignment_json(given: pb.Assignment) -> Json:
    return {
        "id": given.id,
        "conversation_id": given.conversation_id,
        "address": address_json(given.address),
        "agent_id": given.agent_id,
        "epoch": given.epoch,
        "assigned_at": time(given, "assigned_at"),
    }


def assigned_json(told: pb.AttendAssigned) -> Json:
    return {
        "assignment": assignment_json(told.assignment),
        "reason": told.reason,
        "customer_name": told.customer_name,
        "last_text": told.last_text,
        "from_agent_id": told.from_agent_id or None,
        "note": told.note,
        "reply_window": window_json(told),
        "requested_at": time(told, "requested_at"),
    }


def ended_json(told: pb.AttendEnded) -> Json:
    return {
        "assignment_id": told.assignment_id,
        "conversation_id": told.conversation_id,
        "agent_id": told.agent_id,
        "change": told.change,
        "by": told.by,
        "reason": told.reason,
    }


def refused_json(told: pb.AttendRefused) -> Json:
    return {
        "request_id": told.request_id,
        "conversation_id": told.conversation_id,
        "agent_id": told.agent_id,
        "command": told.command,
        "code": told.code,
        "epoch_given": told.epoch_given,
    }


def message_json(stored: conversations_pb2.StoredMessage, media_url: MediaUrl) -> Json:
    message = stored.message
    return {
        "id": message.id,
        "seq": message.seq,
        "epoch": message.epoch,
        "author": {
            "kind": AuthorKind(message.author.kind).name.lower(),
            "id": message.author.id,
            "name": message.author.name,
        },
        "content": _content(message.content, media_url),
        "received_at": time(message, "received_at"),
        "external_id": message.external_id,
    }


def stored_json(stored: conversations_pb2.StoredMessage, media_url: MediaUrl) -> Json:
    """A message and what is known of its delivery, which changes."""
    receipt = ReceiptState(stored.receipt).name.lower() if stored.receipt else None
    shown = {"receipt": receipt, "receipt_reason": stored.receipt_reason, "fallback": stored.fallback}
    return message_json(stored, media_url) | shown


def note_json(note: message_pb2.InternalNote) -> Json:
    return {
        "id": note.id,
        "conversation_id": note.conversation_id,
        "number": note.number,
        "author_id": note.author_id,
        "author_name": note.author_name,
        "text": note.text,
        "whisper_to": note.whisper_to or None,
        "written_at": time(note, "written_at"),
    }


def address_json(address: message_pb2.Address) -> Json:
    return {
        "channel": address.channel,
        "account": address.account,
        "customer_id": address.customer,
        "thread": address.thread,
    }


def window_json(holder: Any) -> Json | None:
    """Until when one may reply, and how often (null: any number); None: the channel has no such rules."""
    if not holder.HasField("reply_window"):
        return None
    window = holder.reply_window
    return {"until": time(window, "until"), "left": window.left if window.left >= 0 else None}


def time(holder: Proto, name: str) -> str | None:
    """A moment of a message, None where it is not set."""
    return moment(from_stamp(getattr(holder, name))) if holder.HasField(name) else None


def _content(content: message_pb2.Content, media_url: MediaUrl) -> Json:
    try:
        return content_json(content_from_proto(content), media_url)
    except Undecodable:
        return {"type": "unknown"}  # of a newer version than this one
