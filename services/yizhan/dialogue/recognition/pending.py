"""A recognition that a conversation waits for: kept with the conversation, as JSON text at the edge."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from yizhan.core.messages.codec import message_from_proto, message_to_proto
from yizhan.core.messages.message import Message
from yizhan.dialogue.standby.state import Report
from yizhan.pb.v1 import message_pb2


@dataclass(frozen=True, slots=True)
class Pending:
    """``said``: the message with the file. ``waiting``: what the customer sent after it, in order, not acted on yet.

    Messages are their protobuf bytes in base64. After ``until`` nobody waits any more, whatever became of the job.
    """

    job_id: str
    until: datetime
    said: str
    waiting: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    """Of these messages: what became of them is told when it is known."""

    def told_later(self, report: Report) -> "Pending":
        """What becomes of one of the messages is still to be told."""
        return replace(self, reports=(*self.reports, report))

    def then(self, message: Message) -> "Pending":
        """With one more message behind it."""
        return replace(self, waiting=(*self.waiting, packed(message)))


class PendingUnreadable(Exception):
    """The stored text is none: another version of the program wrote it."""


_STORED = TypeAdapter(Pending)


def packed(message: Message) -> str:
    return base64.b64encode(message_to_proto(message).SerializeToString()).decode("ascii")


def unpacked(text: str) -> Message:
    """What ``packed`` gave."""
    return message_from_proto(message_pb2.Message.FromString(base64.b64decode(text)))


def dump_pending(pending: Pending) -> str:
    return _STORED.dump_json(pending).decode()


def load_pending(text: str) -> Pending:
    """Raises PendingUnreadable."""
    try:
        return _STORED.validate_json(text, strict=True)
    except ValidationError as error:
        raise PendingUnreadable from error
