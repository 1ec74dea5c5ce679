"""How an approved answer is asked for and said: the same from every part of the assistant."""

from collections.abc import Sequence
from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Grounding, Message
from yizhan.dialogue.answering import Answerer, Decision, Say, Suggestion
from yizhan.dialogue.turn import Turn

CLARIFY = "clarify:"
HUMAN_OPTION = "human"
NONE_OPTION = "none"


def decided(answerer: Answerer, message: Message, words: str) -> Decision:
    """What the published release makes of the words, on the message's channel and day."""
    address = message.address
    return answerer.decide(address.workspace, words, channel=address.channel, at=message.received_at)


def menu_of(turn: Turn, message_id: str, suggestions: Sequence[Suggestion]) -> c.Menu:
    """Asks which of these was meant by the message."""
    options = tuple(c.MenuOption(suggestion.entry_id, suggestion.question) for suggestion in suggestions)
    more = (
        c.MenuOption(NONE_OPTION, turn.texts.clarify_none),
        c.MenuOption(HUMAN_OPTION, turn.texts.clarify_human),
    )
    return c.Menu(CLARIFY + message_id, turn.texts.clarify, options + more)


def say(turn: Turn, message: Message, answer: Say) -> None:
    """The answer's text and what it carries along, naming its source."""
    grounding = Grounding(answer.release_id, answer.entry_id, answer.score)
    turn.bot(c.Text(answer.text), answers=message, grounding=grounding)
    for attachment in answer.attachments:
        turn.bot(attachment, answers=message, grounding=grounding)
    turn.conversation = replace(turn.conversation, answered=True)
