"""An answer that stands by: what goes out when a job has come up with nothing better. Kept as JSON text at the edge."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.message import DecodeError
from pydantic import TypeAdapter, ValidationError

from yizhan.core.messages.codec import Undecodable, content_from_proto, content_to_proto
from yizhan.core.messages.content import Content
from yizhan.core.messages.message import Grounding
from yizhan.dialogue.misses.miss import Asked
from yizhan.pb.v1 import message_pb2


@dataclass(frozen=True, slots=True)
class Question:
    """The customer's message that waits: what a reply to it and the memory of misses need. ``words`` are normalised.

    ``facts`` is its ``channel_data`` in base64.
    """

    id: str
    facts: str
    asked: Asked
    words: str

    @property
    def channel_data(self) -> bytes:
        return base64.b64decode(self.facts)


@dataclass(frozen=True, slots=True)
class Report:
    """What ``message.handled`` tells of a message besides its end."""

    message_id: str
    envelope_id: str
    producer: str
    received_at: datetime
    published_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Words:
    """What is decided on once more when it is known what it means: the customer's words, and when they were received."""

    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class HandOff:
    """What stands by is no answer but giving the conversation to the queue. ``preview``: what it is about."""

    reason: str
    urgency: int
    preview: str


@dataclass(frozen=True, slots=True)
class Standby:
    """``contents``: the messages to send, as protobuf in base64; with ``grounding`` they are an entry's answer, else a menu.

    ``job_id``: the job that may come up with something better. After ``until`` nobody waits for it. ``offers``: entries
    that it may name instead, with their scores (0 to 1), all of the release ``release_id``. ``intent`` is what metrics
    count. ``report``: None where the message has already been told of. ``unsure``: where the job asks what the words mean.
    ``hands_off``: instead of sending anything; there are no ``contents`` then.
    """

    job_id: str
    until: datetime
    question: Question
    contents: tuple[str, ...]
    intent: str
    release_id: str
    grounding: Grounding | None = None
    offers: tuple[tuple[str, float], ...] = ()
    report: Report | None = None
    unsure: Words | None = None
    hands_off: HandOff | None = None

    def said(self) -> tuple[Content, ...]:
        """The messages to send. Raises StandbyUnreadable."""
        return tuple(map(_unpacked, self.contents))


class StandbyUnreadable(Exception):
    """The stored text is no standby: another version of the program wrote it."""


_STORED = TypeAdapter(Standby)


def packed(contents: Sequence[Content]) -> tuple[str, ...]:
    """Messages as ``Standby.contents`` has them."""
    return tuple(base64.b64encode(content_to_proto(one).SerializeToString()).decode("ascii") for one in contents)


def dump(standby: Standby) -> str:
    """As JSON text."""
    return _STORED.dump_json(standby, exclude_defaults=True).decode()


def load(text: str) -> Standby:
    """Raises StandbyUnreadable."""
    try:
        standby = _STORED.validate_json(text, strict=True)
        standby.said()
    except ValidationError as error:
        raise StandbyUnreadable from error
    return standby


def _unpacked(content: str) -> Content:
    try:
        return content_from_proto(message_pb2.Content.FromString(base64.b64decode(content)))
    except (ValueError, DecodeError, Undecodable) as error:
        raise StandbyUnreadable from error
