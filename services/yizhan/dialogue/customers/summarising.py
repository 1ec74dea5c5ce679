"""Reads a conversation's last session and sums it up."""

import asyncio
from dataclasses import dataclass
from functools import partial

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import message_from_proto
from yizhan.core.messages.message import Message
from yizhan.core.store.database import Database
from yizhan.dialogue.assistant import RATING
from yizhan.dialogue.customers.cards import ReleaseOf
from yizhan.dialogue.customers.problems import UnknownConversation
from yizhan.dialogue.customers.summary import Line, Utterance, summarise
from yizhan.dialogue.store.conversations import conversation_by_id
from yizhan.dialogue.store.transcripts import messages_before
from yizhan.pb.v1 import message_pb2

MOST_MESSAGES = 300
"""Of the session, the last ones."""


@dataclass(frozen=True, slots=True)
class Summary:
    """``handoff_reason`` is empty where there was no hand-off."""

    session: int
    handoff_reason: str
    lines: tuple[Line, ...]


class Summaries:
    def __init__(self, database: Database, release_of: ReleaseOf) -> None:
        self._database = database
        self._release_of = release_of

    async def of(self, workspace: str, conversation_id: str) -> Summary:
        """Raises UnknownConversation and StoreUnavailable."""
        async with self._database.read() as tx:
            conversation = await conversation_by_id(tx, workspace, conversation_id)
            if conversation is None:
                raise UnknownConversation(conversation_id)
            rows = await messages_before(tx, conversation.id, conversation.last_seq + 1, MOST_MESSAGES)
        messages = [message_from_proto(message_pb2.Message.FromString(row.body)) for row in rows]
        session = [_utterance(one) for one in messages if one.session == conversation.session]
        release = self._release_of(workspace)
        answered = {one.entry_id for one in session if one.entry_id}
        entries = [release.entry(one) for one in sorted(answered)] if release else []
        titles = {entry.id: entry.question for entry in entries if entry}
        handoff_at, task = conversation.handoff_at, conversation.task
        lines = await asyncio.to_thread(partial(summarise, session, handoff_at=handoff_at, task=task, titles=titles))
        return Summary(conversation.session, conversation.handoff_reason, lines)


def _utterance(message: Message) -> Utterance:
    entry_id = message.grounding.entry_id if message.grounding else ""
    at = message.decided_at or message.received_at
    return Utterance(message.seq, message.author.kind, _words(message.content), at, entry_id)


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
