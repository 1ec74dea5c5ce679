"""An agent's words are said to the customer: in their conversation, or on a ticket of it."""

from dataclasses import dataclass

from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.content import Content
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2


@dataclass(frozen=True, slots=True)
class Words:
    """``first``: the first that the agent says since the conversation is theirs. ``ticket_id``: said on that ticket."""

    author: Author
    content: Content
    client_id: str
    first: bool
    ticket_id: str = ""


def by(agent_id: str, name: str) -> Author:
    return Author(AuthorKind.AGENT, agent_id, name)


def utter(turn: Turn, command: k.Command, words: Words) -> None:
    """Append the words, hand them to the channel and tell that they are said. The command's id becomes the message's."""
    message = Message(
        id=command.id,
        address=turn.conversation.address,
        author=words.author,
        content=words.content,
        received_at=command.at,
        external_id=words.client_id,
        locale=turn.conversation.locale,
    )
    said = turn.deliver(message)
    replied = event_pb2.AgentReplied(
        agent_id=words.author.id,
        message_id=command.id,
        at=timestamp(turn.now),
        first=words.first,
        awaits_channel=turn.conversation.reply_window is not None,
        seq=said.seq,
        ticket_id=words.ticket_id,
    )
    turn.event(lambda event: event.agent_replied.CopyFrom(replied))
