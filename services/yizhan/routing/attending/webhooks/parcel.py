"""What is posted: a body that is the same at every try, under an id that is the same too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from yizhan.core.messages.json_form import Json, MediaUrl, moment
from yizhan.pb.v1 import conversations_pb2, message_pb2, routing_pb2 as pb
from yizhan.routing.attending.webhooks import shapes


@dataclass(frozen=True, slots=True)
class Event:
    """A kept event; ``began`` and ``ended`` are conversations that its agents have, or no longer have, from it on.

    ``whole``: they have those that began, and no others.
    """

    cursor: int
    began: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Messages:
    """Of a conversation, up to this seq."""

    conversation_id: str
    up_to: int


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note of a conversation, by its number. One that is not for this system is passed over."""

    conversation_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing to tell for a while."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """``what`` is noted once it was taken."""

    id: str
    body: bytes
    what: Event | Messages | Note | Heartbeat


@dataclass(frozen=True, slots=True)
class To:
    """Whom it is for."""

    workspace: str
    system: str


def of_event(to: To, session: str, cursor: int, body: bytes) -> Parcel:
    """``body`` is a kept ``AttendEvent``."""
    event = pb.AttendEvent.FromString(body)
    began, ended = frozenset[str](), frozenset[str]()
    match event.WhichOneof("kind"):
        case "snapshot":
            began = frozenset(one.assignment.conversation_id for one in event.snapshot.assigned)
        case "assigned":
            began = frozenset({event.assigned.assignment.conversation_id})
        case "ended":
            ended = frozenset({event.ended.conversation_id})
    kind, data = shapes.event_json(event)
    what = Event(cursor, began, ended, whole=event.HasField("snapshot"))
    return Parcel(f"{session}.{cursor}", _body(to, kind, shapes.time(event, "at"), data, cursor=cursor), what)


def of_messages(
    to: To, conversation_id: str, found: Sequence[conversations_pb2.StoredMessage], media_url: MediaUrl
) -> Parcel:
    """Those that follow each other, oldest first; at least one."""
    first, last = found[0].message.seq, found[-1].message.seq
    items = [shapes.message_json(one, media_url) for one in found]
    data: Json = {"conversation_id": conversation_id, "messages": items}
    body = _body(to, "messages", items[-1]["received_at"], data)
    return Parcel(f"{conversation_id}.{first}-{last}", body, Messages(conversation_id, last))


def of_note(to: To, note: message_pb2.InternalNote) -> Parcel:
    body = _body(to, "note", shapes.time(note, "written_at"), shapes.note_json(note))
    return Parcel(f"{note.conversation_id}.note-{note.number}", body, Note(note.conversation_id, note.number))


def of_heartbeat(to: To, id: str, at: datetime, present: Sequence[str], seconds: float) -> Parcel:
    """``present``: the agents for whom an answer counts as a sign of life."""
    data: Json = {"present": list(present), "silence_seconds": seconds}
    return Parcel(id, _body(to, "heartbeat", moment(at), data), Heartbeat())


def _body(to: To, kind: str, at: str | None, data: Json, *, cursor: int | None = None) -> bytes:
    told: Json = {"type": kind, "timestamp": at, "workspace": to.workspace, "system": to.system, "data": data}
    return orjson.dumps(told if cursor is None else {**told, "cursor": cursor})
