"""The assistant's part of a conversation: what it does with a customer's message.

The order is fixed: guards, of which a wish for a human always wins, the assistant's own yes-or-no question, the active task,
a task that is asked for, knowledge, asking back, a human.
"""

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue import by_mail, consulting, guarding, tasking
from yizhan.dialogue.answering import (
    Acknowledges,
    Answerer,
    AskBack,
    Decision,
    Greets,
    NoAnswer,
    Say,
    StartTask,
    Thanks,
    WantsHuman,
)
from yizhan.dialogue.asked_task import OFFERED, Given, asked_for, begun_by_value, chosen, rather_offered, with_its_order
from yizhan.dialogue.buyers import finds_by_buyer
from yizhan.dialogue.conversation import State
from yizhan.dialogue.courtesies import courteous
from yizhan.dialogue.handoff import hand_off
from yizhan.dialogue.handoff_reasons import NO_ANSWER, REQUESTED, UNREADABLE
from yizhan.dialogue.instead import decide as instead, taking
from yizhan.dialogue.instead.state import INTENT
from yizhan.dialogue.knowledge.intents import wants_human
from yizhan.dialogue.recognition.asking import ask
from yizhan.dialogue.replies import CLARIFY, HUMAN_OPTION, NONE_OPTION, decided, menu_of, say
from yizhan.dialogue.tasks import platform_numbers
from yizhan.dialogue.tasks.ask import ASIDE, GO_ON, MENU, menu_id
from yizhan.dialogue.tasks.definition import TARGET
from yizhan.dialogue.tasks.slots.steering import Cue, cues
from yizhan.dialogue.tasks.state import Phase
from yizhan.dialogue.tasks.step import Said
from yizhan.dialogue.tasks.wording import wording
from yizhan.dialogue.turn import Turn

HANDOFF = "handoff"
YES_OPTION = "yes"


def respond(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Answer, ask back, go on with a task or hand off; returns the intent, a static name for metrics."""
    return (by_mail.respond if turn.conversation.is_mail else _in_talk)(turn, message, answerer)


def _in_talk(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Whoever writes is there, and can be asked back."""
    match message.content:
        case c.Choice(menu_id, option_id, label) if menu_id.startswith(CLARIFY):
            return _clarified(turn, message, option_id, label, answerer)
        case c.Choice(menu_id, option_id, _) if menu_id == HANDOFF:
            return _handoff_choice(turn, message, option_id)
        case c.Choice(menu_id, option_id, label) if menu_id.startswith(MENU):
            return _pressed(turn, message, Said(label, menu_id, option_id), answerer)
        case c.Choice(menu_id, option_id, _) if menu_id.startswith(guarding.MENU) and option_id == HUMAN_OPTION:
            return guarding.to_human(turn, message, menu_id)
        case c.Choice(menu_id, _, _) if menu_id.startswith(instead.MENU):
            return _instead(turn, message) or _over(turn, message)
        case c.Text(text) | c.Choice(_, _, text):
            return _words(turn, message, text, answerer)
        case c.Image() | c.Voice() | c.Video() | c.File() if intent := _instead(turn, message):
            return intent
        case c.OrderCard(order_id) | c.LogisticsCard(order_id) | c.RefundCard(_, order_id):
            return (
                tasking.shown_order(turn, message, order_id, answerer)
                or ask(turn, message)
                or offer_human(turn, message)
            )
        case c.Image(media):
            intent = tasking.take(turn, message, Said(picture=media.media_id), answerer)
            return intent or ask(turn, message) or offer_human(turn, message)
        case _:
            return ask(turn, message) or offer_human(turn, message)


def _words(turn: Turn, message: Message, words: str, answerer: Answerer) -> str:
    verdict = guarding.judged(turn, message, words, answerer)
    if verdict is not None and not (verdict.knowledge_first and _known(message, words, answerer)):
        intent = guarding.obey(turn, message, verdict)
        tasking.ask_again(turn, message, answerer)
        return intent
    answered = _instead(turn, message) or _yes_or_no(turn, message, words, answerer)
    if answered is not None:
        return answered
    if turn.conversation.task is not None:
        if wants_human(words):
            return _to_human(turn, message, words, answerer, REQUESTED)
        taken = tasking.take(turn, message, Said(words), answerer)
        if taken is not None:
            return taken
    book = answerer.tasks(message.address.workspace)
    value = begun_by_value(book, words, message.received_at)
    if value is not None:
        return _with_value(turn, message, value, answerer)
    return _begun_by_number(turn, message, words, answerer) or _asked(turn, message, words, answerer)


def _asked(turn: Turn, message: Message, words: str, answerer: Answerer) -> str:
    """What the words themselves ask for: a task, an answer, a person."""
    book = answerer.tasks(message.address.workspace)
    decision = rather_offered(book, words, decided(answerer, message, words))
    asked = asked_for(book, words, decision)
    if asked is not None:
        started = tasking.start(turn, message, asked.task.name, words, answerer)
        if started is not None:
            return started
    ordered = with_its_order(book, words, decision, message.received_at)
    if ordered is not None:
        turn.bot(menu_of(turn, message.id, ordered.suggestions), answers=message)
        return "clarify"
    return _act(turn, message, decision, answerer, words)


def _instead(turn: Turn, message: Message) -> str | None:
    """The customer leaves a message, or wants to be called; None where it is about something else."""
    taken = taking.read(turn, message)
    if taken is None:
        return None
    taking.carry_out(turn, message, taken)
    return INTENT


def _over(turn: Turn, message: Message) -> str:
    taking.over(turn, message)
    return INTENT


def _yes_or_no(turn: Turn, message: Message, words: str, answerer: Answerer) -> str | None:
    """The press of the button that 好的 or 不用了 stands for, where the last thing said was a question for just that."""
    menu = turn.open_menu
    if not menu:
        return None
    said = cues(words)
    if menu == HANDOFF and said & {Cue.YES, Cue.NO, Cue.STOP}:
        intent = _handoff_choice(turn, message, YES_OPTION if Cue.YES in said else NONE_OPTION)
        tasking.ask_again(turn, message, answerer)
        return intent
    state = turn.conversation.task
    if Cue.YES in said and state is not None and state.phase is Phase.ASIDE and menu == menu_id(state, ASIDE):
        return tasking.take(turn, message, Said(words, menu, GO_ON), answerer)
    return None


def _with_value(turn: Turn, message: Message, value: Given | AskBack, answerer: Answerer) -> str:
    """A message of nothing but a value: its task begins, or the customer is asked which one is meant."""
    if isinstance(value, Given):
        started = tasking.start(turn, message, value.target, value.words, answerer, asked=value.slot)
        return started or _no_answer(turn, message, value.words, answerer)
    turn.bot(menu_of(turn, message.id, value.suggestions), answers=message)
    return OFFERED


def _begun_by_number(turn: Turn, message: Message, words: str, answerer: Answerer) -> str | None:
    """A message of nothing but a number as the platform of this conversation writes those of orders."""
    number = platform_numbers.bare(words, message.received_at) if finds_by_buyer(message.address) else ""
    return tasking.shown_order(turn, message, number, answerer)


def _known(message: Message, words: str, answerer: Answerer) -> bool:
    """Whether the business itself has a sure answer, so that a rule that comes after knowledge falls."""
    begins = answerer.tasks(message.address.workspace).started_by(words) is not None
    return begins or isinstance(decided(answerer, message, words), Say | StartTask)


def _to_human(turn: Turn, message: Message, words: str, answerer: Answerer, reason: str) -> str:
    urgency = guarding.urgency(message, words, answerer)
    hand_off(turn, message, reason, urgency=urgency, topic=_topic(message, words, answerer, reason))
    return "handoff"


def _topic(message: Message, words: str, answerer: Answerer, reason: str) -> str:
    """What a question without an answer came near to; who asks for a person speaks of what was said before."""
    if reason != NO_ANSWER:
        return ""
    return answerer.considered(message.address.workspace, words, at=message.received_at).category


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
            return _answer(turn, message, decision, answerer, words)
        case StartTask(name):
            return tasking.start(turn, message, name, words, answerer) or _no_answer(turn, message, words, answerer)
        case AskBack((likeliest, *_)) if tasking.speaks_of(turn, likeliest.entry_id, words, answerer):
            return tasking.start(turn, message, likeliest.entry_id, words, answerer) or "clarify"
        case AskBack():
            return _ask_back(turn, message, decision, answerer, words)
        case WantsHuman():
            return _to_human(turn, message, words, answerer, REQUESTED)
        case Greets() | Thanks() | Acknowledges():
            return courteous(turn, message, decision)
        case NoAnswer() if consulting.means(turn, message, words, decision, answerer):
            return consulting.WAITING
        case NoAnswer():
            return _no_answer(turn, message, words, answerer)


def _answer(turn: Turn, message: Message, decision: Say, answerer: Answerer, words: str) -> str:
    if consulting.means(turn, message, words, decision, answerer):
        return consulting.WAITING
    if consulting.rewords(turn, message, words, decision, answerer):
        return consulting.WAITING
    say(turn, message, decision)
    return "answer"


def _ask_back(turn: Turn, message: Message, decision: AskBack, answerer: Answerer, words: str) -> str:
    if consulting.means(turn, message, words, decision, answerer):
        return consulting.WAITING
    if consulting.chooses(turn, message, words, decision, answerer):
        return consulting.WAITING
    turn.bot(menu_of(turn, message.id, decision.suggestions), answers=message)
    return "clarify"


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
        book = answerer.tasks(message.address.workspace)
        return _with_value(turn, message, chosen(book, option_id, label, message.received_at), answerer)
    answer = answerer.entry(
        message.address.workspace, option_id, channel=message.address.channel, at=message.received_at
    )
    if answer is None:  # the entry went with a newer release
        return _no_answer(turn, message, label, answerer)
    say(turn, message, answer)
    return "answer"


def offer_human(turn: Turn, message: Message) -> str:
    """What nobody here can read; the intent."""
    options = (c.MenuOption(YES_OPTION, turn.texts.handoff_yes), c.MenuOption(NONE_OPTION, turn.texts.handoff_no))
    turn.bot(c.Menu(HANDOFF, turn.texts.media_prompt, options), answers=message)
    return "media"


def _handoff_choice(turn: Turn, message: Message, option_id: str) -> str:
    if option_id == YES_OPTION:
        hand_off(turn, message, UNREADABLE)
        return "handoff"
    turn.bot(c.Text(turn.texts.stay), answers=message)
    return "choice"
