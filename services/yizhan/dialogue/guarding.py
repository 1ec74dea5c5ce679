"""Guards on a conversation: what a rule of the business decides about a message, carried out on a turn."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.guards.verdict import Kind, Urgency, Verdict
from yizhan.dialogue.handoff import hand_off
from yizhan.dialogue.handoff_reasons import REQUESTED
from yizhan.dialogue.turn import Turn

MENU = "guard:"
"""Menu ids of guards are this and the rule's name; a pressed label is taken for the customer's words."""

HUMAN_OPTION = "human"


def judged(turn: Turn, message: Message, words: str, answerer: Answerer) -> Verdict | None:
    """The rule that the words set off, if one does."""
    conversation = turn.conversation
    guards = answerer.guards(message.address.workspace)
    return guards.judge(words, conversation.locale or message.locale, conversation.fired)


def urgency(message: Message, words: str, answerer: Answerer) -> Urgency:
    """How soon a person should look, by the words alone."""
    return answerer.guards(message.address.workspace).urgency(words)[0]


def obey(turn: Turn, message: Message, verdict: Verdict) -> str:
    """Say what the rule says, hand off where it says so; the intent."""
    fired = turn.conversation.fired
    if verdict.rule not in fired:
        turn.conversation = replace(turn.conversation, fired=(*fired, verdict.rule))
    if verdict.text:
        turn.bot(_content(turn, verdict), answers=message)
    if verdict.action.hands_off:
        reason = REQUESTED if verdict.kind is Kind.HUMAN else verdict.reason
        hand_off(turn, message, reason, rule=verdict.rule, urgency=verdict.urgency)
        return "handoff"
    return "guarded"


def to_human(turn: Turn, message: Message, menu_id: str) -> str:
    """The customer takes the person whom a rule has offered; the intent. Only a rule that fired is named as the reason."""
    rule = menu_id.removeprefix(MENU)
    hand_off(turn, message, REQUESTED, rule=rule if rule in turn.conversation.fired else "")
    return "handoff"


def _content(turn: Turn, verdict: Verdict) -> c.Content:
    options = [c.MenuOption(label, label) for label in verdict.menu]
    if verdict.offers_human and not verdict.action.hands_off:
        options.append(c.MenuOption(HUMAN_OPTION, turn.texts.handoff_yes))
    return c.Menu(MENU + verdict.rule, verdict.text, tuple(options)) if options else c.Text(verdict.text)
