"""The assistant's part of a conversation: what it does with a customer's message.

The order is fixed: guards, of which a wish for a human always wins, the active task, a task that is asked for, knowledge,
asking back, a human.
"""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue import guarding, tasking
from yizhan.dialogue.answering import Answerer, AskBack, Decision, Greets, NoAnswer, Say, StartTask, Thanks, WantsHuman
from yizhan.dialogue.conversation import State
from yizhan.dialogue.handoff import NO_ANSWER, REQUESTED, UNREADABLE, hand_off
from yizhan.dialogue.knowledge.intents import wants_human
from yizhan.dialogue.replies import decided, say
from yizhan.dialogue.tasks.ask import MENU
from yizhan.dialogue.tasks.definition import TARGET
from yizhan.dialogue.tasks.step import Said
from yizhan.dialogue.tasks.wording import wording
from yizhan.dialogue.turn import Turn

CLARIFY = "clarify:"
RATING = "rating:"
HANDOFF = "handoff"
HUMAN_OPTION = "human"
NONE_OPTION = "none"
YES_OPTION = "yes"


def respond(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Answer, ask back, go on with a task or hand off; returns the intent, a static name for metrics."""
    match message.content:
        case c.Choice(menu_id, option_id, label) if menu_id.startswith(CLARIFY):
            return _clarified(turn, message, option_id, label, answerer)
        case c.Choice(menu_id, option_id, _) if menu_id == HANDOFF:
            return _handoff_choice(turn, message, option_id)
        case c.Choice(menu_id, option_id, label) if menu_id.startswith(MENU):
            return _pressed(turn, message, Said(label, menu_id, option_id), answerer)
        case c.Choice(menu_id, option_id, _) if menu_id.startswith(guarding.MENU) and option_id == HUMAN_OPTION:
            return guarding.to_human(turn, message, menu_id)
        case c.Text(text) | c.Choice(_, _, text):
            return _words(turn, message, text, answerer)
        case c.Image(media):
            intent = tasking.take(turn, message, Said(picture=media.media_id), answerer)
            return intent or _offer_human(turn, message)
        case _:
            return _offer_human(turn, message)


def _words(turn: Turn, message: Message, words: str, answerer: Answerer) -> str:
    verdict = guarding.judged(turn, message, words, answerer)
    if verdict is not None and not (verdict.knowledge_first and _known(message, words, answerer)):
        intent = guarding.obey(turn, message, verdict)
        tasking.ask_again(turn, message, answerer)
        return intent
    if turn.conversation.task is not None:
        if wants_human(words):
            return _to_human(turn, message, words, answerer, REQUESTED)
        taken = tasking.take(turn, message, Said(words), answerer)
        if taken is not None:
            return taken
    decision = decided(answerer, message, words)
    asked = answerer.tasks(message.address.workspace).started_by(words)
    if asked is not None and not isinstance(decision, WantsHuman) and (asked.whole or not _literal(decision)):
        started = tasking.start(turn, message, asked.task.name, words, answerer)
        if started is not None:
            return started
    return _act(turn, message, decision, answerer, words)


def _known(message: Message, words: str, answerer: Answerer) -> bool:
    """Whether the business itself has a sure answer, so that a rule that comes after knowledge falls."""
    begins = answerer.tasks(message.address.workspace).started_by(words) is not None
    return begins or isinstance(decided(answerer, message, words), Say | StartTask)


def _to_human(turn: Turn, message: Message, words: str, answerer: Answerer, reason: str) -> str:
    hand_off(turn, message, reason, urgency=guarding.urgency(message, words, answerer))
    return "handoff"


def _literal(decision: Decision) -> bool:
    """An entry's own phrasing is answered, even where a task's is near; what is both begins the task."""
    return isinstance(decision, Say) and decision.score >= 1.0


def _pressed(turn: Turn, message: Message, said: Said, answerer: Answerer) -> str:
    """A button of a task. One whose task is over says so instead of being taken for a question."""
    intent = tasking.take(turn, message, said, answerer)
    if intent is not None:
        return intent
    turn.bot(c.Text(wording(tasking.language(turn, said.text)).over), answers=message)
    return "task_lost"


def _act(turn: Turn, message: Message, decision: Decision, answerer: Answerer, words: str) -> str:
    match decision:
        case Say():
            say(turn, message, decision)
            return "answer"
        case StartTask(name):
            return tasking.start(turn, message, name, words, answerer) or _no_answer(turn, message, words, answerer)
        case AskBack((likeliest, *_)) if tasking.speaks_of(turn, likeliest.entry_id, words, answerer):
            return tasking.start(turn, message, likeliest.entry_id, words, answerer) or "clarify"
        case AskBack(suggestions):
            options = tuple(c.MenuOption(suggestion.entry_id, suggestion.question) for suggestion in suggestions)
            more = (
                c.MenuOption(NONE_OPTION, turn.texts.clarify_none),
                c.MenuOption(HUMAN_OPTION, turn.texts.clarify_human),
            )
            turn.bot(c.Menu(CLARIFY + message.id, turn.texts.clarify, options + more), answers=message)
            return "clarify"
        case WantsHuman():
            return _to_human(turn, message, words, answerer, REQUESTED)
        case Greets():
            first = "" if turn.conversation.greeted else turn.texts.greeting
            turn.conversation = replace(turn.conversation, greeted=True)
            turn.bot(c.Text(first or turn.texts.welcome_back), answers=message)
            return "greeting"
        case Thanks():
            turn.bot(c.Text(turn.texts.thanks), answers=message)
            return "thanks"
        case NoAnswer():
            return _no_answer(turn, message, words, answerer)


def _no_answer(turn: Turn, message: Message, words: str, answerer: Answerer) -> str:
    """Below the threshold a human takes over; once a ticket is open the customer is reminded of it instead."""
    conversation = turn.conversation
    if conversation.state is State.TICKETED:
        turn.bot(c.Text(turn.texts.ticket_pending.format(number=conversation.ticket_number)), answers=message)
        return "ticket"
    return _to_human(turn, message, words, answerer, NO_ANSWER)


def _clarified(turn: Turn, message: Message, option_id: str, label: str, answerer: Answerer) -> str:
    if option_id == HUMAN_OPTION:
        hand_off(turn, message, REQUESTED)
        return "handoff"
    if option_id == NONE_OPTION:
        turn.bot(c.Text(turn.texts.stay), answers=message)
        return "clarify"
    if option_id.startswith(TARGET):
        return tasking.start(turn, message, option_id, label, answerer) or _no_answer(turn, message, label, answerer)
    answer = answerer.entry(
        message.address.workspace, option_id, channel=message.address.channel, at=message.received_at
    )
    if answer is None:  # the entry went with a newer release
        return _no_answer(turn, message, label, answerer)
    say(turn, message, answer)
    return "answer"


def _offer_human(turn: Turn, message: Message) -> str:
    options = (c.MenuOption(YES_OPTION, turn.texts.handoff_yes), c.MenuOption(NONE_OPTION, turn.texts.handoff_no))
    turn.bot(c.Menu(HANDOFF, turn.texts.media_prompt, options), answers=message)
    return "media"


def _handoff_choice(turn: Turn, message: Message, option_id: str) -> str:
    if option_id == YES_OPTION:
        hand_off(turn, message, UNREADABLE)
        return "handoff"
    turn.bot(c.Text(turn.texts.stay), answers=message)
    return "choice"
