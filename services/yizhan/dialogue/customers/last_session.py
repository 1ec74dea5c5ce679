"""The last session of a conversation, as it lies in the transcript."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import message_from_proto
from yizhan.core.messages.message import Message
from yizhan.core.store.database import Database
from yizhan.dialogue.customers.problems import UnknownConversation
from yizhan.dialogue.customers.summary import Utterance
from yizhan.dialogue.store.conversations import conversation_by_id
from yizhan.dialogue.store.transcripts import messages_before
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tickets.watching import RATING
from yizhan.pb.v1 import message_pb2

MOST_MESSAGES = 300
"""Of the session, the last ones."""


@dataclass(frozen=True, slots=True)
class LastSession:
    """``handoff_at`` is None and ``handoff_reason`` empty where there was no hand-off."""

    conversation_id: str
    number: int
    handoff_reason: str
    handoff_at: datetime | None
    task: TaskState | None
    said: tuple[Utterance, ...]


async def last_session(database: Database, workspace: str, conversation_id: str) -> LastSession:
    """Raises UnknownConversation and StoreUnavailable."""
    async with database.read() as tx:
        conversation = await conversation_by_id(tx, workspace, conversation_id)
        if conversation is None:
            raise UnknownConversation(conversation_id)
        rows = await messages_before(tx, conversation.id, conversation.last_seq + 1, MOST_MESSAGES)
    messages = [message_from_proto(message_pb2.Message.FromString(row.body)) for row in rows]
    return LastSession(
        conversation_id=conversation.id,
        number=conversation.session,
        handoff_reason=conversation.handoff_reason,
        handoff_at=conversation.handoff_at,
        task=conversation.task,
        said=tuple(_utterance(one) for one in messages if one.session == conversation.session),
    )


def _utterance(message: Message) -> Utterance:
    entry_id = message.grounding.entry_id if message.grounding else ""
    at = message.decided_at or message.received_at
    in_words = isinstance(message.content, c.Text | c.Voice | c.Menu | c.Choice)
    return Utterance(message.seq, message.author.kind, _words(message.content), at, entry_id, in_words)


def _words(content: c.Content) -> str:
    """What was said in words: no file's name, no press on a rating."""
    match content:
        case c.Image() | c.Video() | c.File() | c.TimelineEvent():
            return ""
        case c.Voice(media):
            return media.recognised
        case c.Choice(menu_id) if menu_id.startswith(RATING):
            return ""
        case _:
            return c.plain_text(content)
