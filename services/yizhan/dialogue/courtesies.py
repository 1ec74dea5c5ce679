"""What is said to a customer who only says hello, thanks or goodbye, or nods (好的, 嗯, ok). To a nod after an answer: nothing."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue.answering import Acknowledges, Greets, Thanks
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.turn import Turn

ACKNOWLEDGED = "acknowledged"
"""The intent of a nod that was answered: nobody was told anything yet, or a choice is open."""

SILENT = "silent"
"""That of a nod to what was said: whoever answers it has not listened."""


def courteous(turn: Turn, message: Message, decision: Greets | Thanks | Acknowledges) -> str:
    """Say what is due; the intent."""
    match decision:
        case Greets(asks_who=True):
            turn.bot(c.Text(turn.texts.introduction), answers=message)
            return "greeting"
        case Greets():
            turn.bot(c.Text(_first_words(turn) or turn.texts.welcome_back), answers=message)
            return "greeting"
        case Thanks():
            turn.bot(c.Text(turn.texts.thanks), answers=message)
            return "thanks"
        case Acknowledges():
            return _acknowledged(turn, message)


def _first_words(turn: Turn) -> str:
    """The greeting, once a session."""
    first = "" if turn.conversation.greeted else turn.texts.greeting
    turn.conversation = replace(turn.conversation, greeted=True)
    return first


def _acknowledged(turn: Turn, message: Message) -> str:
    """The first words of a session are greeted, whatever they are; an open choice is not closed by a nod."""
    if _told(turn.conversation) and not turn.open_menu:
        turn.nobody_answers(message.id)
        return SILENT
    first = "" if turn.open_menu else _first_words(turn)
    turn.bot(c.Text(first or turn.texts.stay), answers=message)
    return ACKNOWLEDGED


def _told(conversation: Conversation) -> bool:
    """Whether the customer was told anything in this session: an entry, a result, a rule's words, a human's, a ticket."""
    return (
        conversation.answered
        or conversation.agent_replied
        or bool(conversation.fired)
        or conversation.state is State.TICKETED
    )
