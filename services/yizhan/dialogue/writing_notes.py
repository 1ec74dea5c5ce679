"""A person writes a note: it gets its place beside the transcript and is shown to agents. The customer's side is not touched."""

from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.turn import Turn

MOST_CHARS = 4000

NOT_TEXT = "not_text"
EMPTY = "empty"
TOO_LONG = "too_long"


def take_note(turn: Turn, command: k.Command, note: k.Note) -> str:
    """Why it was refused; empty when it was not. Who has the conversation, or whether it is closed, does not matter."""
    if not isinstance(note.content, c.Text):
        return NOT_TEXT
    text = note.content.text.strip()
    if not text:
        return EMPTY
    if len(text) > MOST_CHARS:
        return TOO_LONG
    turn.write_note(
        id=command.id,
        author_id=note.author_id,
        author_name=note.author_name,
        text=text,
        whisper_to=note.whisper_to,
        client_id=note.client_id,
    )
    return ""
