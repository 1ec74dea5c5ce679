"""Internal notes as JSON, and who may read which."""

from yizhan.console.store import User
from yizhan.core.messages.codec import moment as moment_of
from yizhan.core.messages.json_form import Json, moment
from yizhan.pb.v1 import message_pb2


def may_read(user: User, note: message_pb2.InternalNote) -> bool:
    """A note is every agent's; a whisper is read by whom it is for, by its author and by supervisors."""
    if user.may("supervisor"):
        return True
    return user.may("agent") and (not note.whisper_to or user.id in (note.whisper_to, note.author_id))


def note_json(note: message_pb2.InternalNote) -> Json:
    """It stands after the message ``seq``, and there in the order of ``number``."""
    return {
        "id": note.id,
        "seq": note.seq,
        "number": note.number,
        "session": note.session,
        "author": {"id": note.author_id, "name": note.author_name},
        "text": note.text,
        "whisper_to": note.whisper_to or None,
        "client_id": note.client_id,
        "written_at": moment(moment_of(note.written_at)),
    }
