"""How an approved answer is asked for and said: the same from every part of the assistant."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Grounding, Message
from yizhan.dialogue.answering import Answerer, Decision, Say
from yizhan.dialogue.turn import Turn


def decided(answerer: Answerer, message: Message, words: str) -> Decision:
    """What the published release makes of the words, on the message's channel and day."""
    address = message.address
    return answerer.decide(address.workspace, words, channel=address.channel, at=message.received_at)


def say(turn: Turn, message: Message, answer: Say) -> None:
    """The answer's text and what it carries along, naming its source."""
    grounding = Grounding(answer.release_id, answer.entry_id, answer.score)
    turn.bot(c.Text(answer.text), answers=message, grounding=grounding)
    for attachment in answer.attachments:
        turn.bot(attachment, answers=message, grounding=grounding)
    turn.conversation = replace(turn.conversation, answered=True)
