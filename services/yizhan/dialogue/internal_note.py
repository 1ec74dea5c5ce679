"""What colleagues write about a conversation among themselves: a value of its own, and never a ``Message``.

Whatever reads, sends or counts messages therefore cannot come upon one: ADR 0032.
"""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages.codec import timestamp
from yizhan.pb.v1 import message_pb2


@dataclass(frozen=True, slots=True)
class InternalNote:
    """``seq`` is the message that it stands after, 0 before the first; ``number`` counts the conversation's notes from 1.

    Messages and notes have one order: by ``seq``, a message before the notes after it, these by ``number``. ``whisper_to`` is
    the one agent whom it is for, besides its author and supervisors; empty: every agent.
    """

    id: str
    conversation_id: str
    seq: int
    number: int
    session: int
    author_id: str
    author_name: str
    text: str
    written_at: datetime
    whisper_to: str = ""
    client_id: str = ""


def note_to_proto(note: InternalNote) -> message_pb2.InternalNote:
    return message_pb2.InternalNote(
        id=note.id,
        conversation_id=note.conversation_id,
        seq=note.seq,
        number=note.number,
        session=note.session,
        author_id=note.author_id,
        author_name=note.author_name,
        text=note.text,
        whisper_to=note.whisper_to,
        client_id=note.client_id,
        written_at=timestamp(note.written_at),
    )
