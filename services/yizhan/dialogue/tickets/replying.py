"""An agent answers on a ticket: they have the word once, and the conversation stays whose it was. ADR 0042."""

from dataclasses import replace

from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.agents_words import Words, by, utter
from yizhan.dialogue.conversation import WAITING, Conversation, State
from yizhan.dialogue.standby import settling
from yizhan.dialogue.turn import Turn

MOST_CHARS = 4000

TAKEN = "conversation_taken"
"""Another agent has the conversation: one voice."""

CUSTOMER_WAITS = "customer_waits"
"""A person is being looked for: whoever takes the conversation answers."""

NOT_TEXT = "not_text"
EMPTY = "empty"
TOO_LONG = "too_long"


def refusal(conversation: Conversation, reply: k.Reply) -> str:
    """Why the words cannot be said now; empty when they can. Pure."""
    if not isinstance(reply.content, c.Text):
        return NOT_TEXT
    if not reply.content.text.strip():
        return EMPTY
    if len(reply.content.text) > MOST_CHARS:
        return TOO_LONG
    if conversation.state is State.ASSIGNED:
        return "" if conversation.agent_id == reply.agent_id else TAKEN
    standby = conversation.standby
    if conversation.state in WAITING or (standby is not None and standby.hands_off is not None):
        return CUSTOMER_WAITS
    return ""


def reply(turn: Turn, command: k.Command, said: k.Reply) -> str:
    """Say it; why it was refused.

    What the assistant was making goes out before it, as it stands by: whatever comes of it later is stale, and so is all
    that was decided under the epoch of before. Whose own conversation it is goes on talking in it.
    """
    why = refusal(turn.conversation, said)
    if why:
        return why
    author = by(said.agent_id, said.agent_name)
    if turn.conversation.state is State.ASSIGNED:
        first = not turn.conversation.agent_replied
        utter(turn, command, Words(author, said.content, said.client_id, first=first, ticket_id=said.ticket_id))
        turn.conversation = replace(turn.conversation, agent_replied=True)
        return ""
    settling.settle(turn)
    turn.move(turn.conversation.state)
    utter(turn, command, Words(author, said.content, said.client_id, first=False, ticket_id=said.ticket_id))
    return ""
