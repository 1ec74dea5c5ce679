"""The assistant's part of a conversation: what it does with a customer's message."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp, window_to_proto
from yizhan.core.messages.message import Grounding, Message
from yizhan.dialogue.answering import Answerer, AskBack, Decision, Greets, NoAnswer, Say, StartTask, Thanks, WantsHuman
from yizhan.dialogue.conversation import State
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2

CLARIFY = "clarify:"
RATING = "rating:"
HANDOFF = "handoff"
HUMAN_OPTION = "human"
NONE_OPTION = "none"
YES_OPTION = "yes"

REQUESTED = "requested"
NO_ANSWER = "no_answer"
UNREADABLE = "media"


def respond(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Answer, ask back or hand off; returns the intent, a static name for metrics."""
    match message.content:
        case c.Choice(menu_id, option_id, _) if menu_id.startswith(CLARIFY):
            return _clarified(turn, message, option_id, answerer)
        case c.Choice(menu_id, option_id, _) if menu_id == HANDOFF:
            return _handoff_choice(turn, message, option_id)
        case c.Text(text) | c.Choice(_, _, text):
            return _act(turn, message, _decision(answerer, message, text))
        case _:
            _offer_human(turn, message)
            return "media"


def _decision(answerer: Answerer, message: Message, words: str) -> Decision:
    address = message.address
    return answerer.decide(address.workspace, words, channel=address.channel, at=message.received_at)


def _act(turn: Turn, message: Message, decision: Decision) -> str:
    match decision:
        case Say():
            _say(turn, message, decision)
            return "answer"
        case AskBack(suggestions):
            options = tuple(c.MenuOption(suggestion.entry_id, suggestion.question) for suggestion in suggestions)
            more = (
                c.MenuOption(NONE_OPTION, turn.texts.clarify_none),
                c.MenuOption(HUMAN_OPTION, turn.texts.clarify_human),
            )
            turn.bot(c.Menu(CLARIFY + message.id, turn.texts.clarify, options + more), answers=message)
            return "clarify"
        case WantsHuman():
            hand_off(turn, message, REQUESTED)
            return "handoff"
        case Greets():
            first = "" if turn.conversation.greeted else turn.texts.greeting
            turn.conversation = replace(turn.conversation, greeted=True)
            turn.bot(c.Text(first or turn.texts.welcome_back), answers=message)
            return "greeting"
        case Thanks():
            turn.bot(c.Text(turn.texts.thanks), answers=message)
            return "thanks"
        case NoAnswer() | StartTask():
            return _no_answer(turn, message)


def _say(turn: Turn, message: Message, answer: Say) -> None:
    grounding = Grounding(answer.release_id, answer.entry_id, answer.score)
    turn.bot(c.Text(answer.text), answers=message, grounding=grounding)
    for attachment in answer.attachments:
        turn.bot(attachment, answers=message, grounding=grounding)
    turn.conversation = replace(turn.conversation, answered=True)


def _no_answer(turn: Turn, message: Message) -> str:
    """Below the threshold a human takes over; once a ticket is open the customer is reminded of it instead."""
    conversation = turn.conversation
    if conversation.state is State.TICKETED:
        turn.bot(c.Text(turn.texts.ticket_pending.format(number=conversation.ticket_number)), answers=message)
        return "ticket"
    hand_off(turn, message, NO_ANSWER)
    return "handoff"


def _clarified(turn: Turn, message: Message, option_id: str, answerer: Answerer) -> str:
    if option_id == HUMAN_OPTION:
        hand_off(turn, message, REQUESTED)
        return "handoff"
    if option_id == NONE_OPTION:
        turn.bot(c.Text(turn.texts.stay), answers=message)
        return "clarify"
    answer = answerer.entry(
        message.address.workspace, option_id, channel=message.address.channel, at=message.received_at
    )
    if answer is None:  # the entry went with a newer release
        return _no_answer(turn, message)
    _say(turn, message, answer)
    return "answer"


def _offer_human(turn: Turn, message: Message) -> None:
    options = (c.MenuOption(YES_OPTION, turn.texts.handoff_yes), c.MenuOption(NONE_OPTION, turn.texts.handoff_no))
    turn.bot(c.Menu(HANDOFF, turn.texts.media_prompt, options), answers=message)


def _handoff_choice(turn: Turn, message: Message, option_id: str) -> str:
    if option_id == YES_OPTION:
        hand_off(turn, message, UNREADABLE)
        return "handoff"
    turn.bot(c.Text(turn.texts.stay), answers=message)
    return "choice"


def hand_off(turn: Turn, message: Message, reason: str) -> None:
    """Give the conversation to the queue, tell the customer at once, and ask routing for a human."""
    preview = turn.conversation.last_text
    turn.conversation = replace(
        turn.conversation,
        handoff_reason=reason,
        handoff_at=turn.now,
        told_position=0,
        agent_id="",
        agent_name="",
    )
    turn.move(State.QUEUED)
    texts = turn.texts
    turn.bot(c.Text(texts.searching_no_answer if reason == NO_ANSWER else texts.searching_requested), answers=message)
    request = event_pb2.HandoffRequested(
        reason=reason,
        at=timestamp(turn.now),
        customer_name=turn.conversation.customer_name,
        last_text=preview,
        locale=turn.conversation.locale,
        trigger_message_id=message.id,
        reply_window=window_to_proto(turn.conversation.reply_window),
    )
    turn.event(lambda event: event.handoff_requested.CopyFrom(request))
