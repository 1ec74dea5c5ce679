"""Tasks on a conversation: the pure steps of ``tasks.engine`` carried out on a turn, in the midst of everything else.

A digression is answered and the open question repeated; what a human or a guard must see never comes here.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue.answering import Answerer, Decision, Greets, Say, StartTask, Thanks
from yizhan.dialogue.buyers import finds_by_buyer
from yizhan.dialogue.conversation import ASSISTED, Conversation
from yizhan.dialogue.handoff import hand_off
from yizhan.dialogue.handoff_reasons import TASK
from yizhan.dialogue.knowledge.index.sounds import syllables
from yizhan.dialogue.replies import decided, say
from yizhan.dialogue.tasks import engine
from yizhan.dialogue.tasks.book import clauses
from yizhan.dialogue.tasks.calls import CONNECTOR, CallUnreadable, Result, decode_result, encode_call
from yizhan.dialogue.tasks.definition import TARGET, Form, Task
from yizhan.dialogue.tasks.ends import FAILED_RESULT, TIMEOUT_RESULT
from yizhan.dialogue.tasks.forms import order_slot
from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.state import Phase, TaskState
from yizhan.dialogue.tasks.step import Intent, Moment, Said, Step
from yizhan.dialogue.tasks.understand import CHOSEN
from yizhan.dialogue.tasks.wishes import is_no_wish
from yizhan.dialogue.turn import Turn
from yizhan.dialogue.vouched import own_phone

_CODE = re.compile(r"[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*")
_LATIN = re.compile("[a-z]+")
_SHORTEST_DIGRESSION = 4


def start(
    turn: Turn, message: Message, name: str, words: str, answerer: Answerer, *, asked: str = "", order: str = ""
) -> str | None:
    """Begin a task; the intent, or None when there is no such task. One that is under way is put under it, and offered again
    when the new one is over; one that is being submitted has to end first.

    ``asked``: the slot that the words are read as the answer for, if any. ``order``: the number on a card that was sent.
    """
    book, state = answerer.tasks(turn.conversation.address.workspace), turn.conversation.task
    task, under_way = book.named(name), book.named(state.task) if state is not None else None
    if task is None:
        return None
    if state is not None and under_way is not None and engine.submits(under_way, state):
        return _carry_out(turn, message, engine.still_working(state))
    spoken = language(turn, words)
    if not turn.conversation.locale and spoken == "en":  # the channel did not tell, the customer does
        turn.conversation = replace(turn.conversation, locale="en")
    step = engine.begin(task, Said(words, order=order), _moment(turn), spoken, asked=asked)
    under = _beneath(turn, task, answerer)
    step = engine.begun_above(step, under) if under is not None else step
    _digress(turn, message, _asked_beside(turn, words, answerer), answerer)
    return _carry_out(turn, message, step)


def _beneath(turn: Turn, task: Task, answerer: Answerer) -> TaskState | None:
    """What of the task under way is kept under a new one. One task, and never the same one twice."""
    state = turn.conversation.task
    under_way = answerer.tasks(turn.conversation.address.workspace).named(state.task) if state is not None else None
    if state is None or under_way is None:
        return None
    kept = engine.beneath(under_way, state) if state.task != task.name else state.under
    return kept if kept is not None and kept.task != task.name else None


def _asked_beside(turn: Turn, words: str, answerer: Answerer) -> str:
    """The questions beside the wish that begins a task: 多久到账 of 我要申请退款，多久到账."""
    book, said = answerer.tasks(turn.conversation.address.workspace), clauses(words)
    questions = [clause for clause in said if asks(clause) and book.started_by(clause) is None]
    return "，".join(questions) if len(questions) < len(said) else ""


def speaks_of(turn: Turn, target: str, words: str, answerer: Answerer) -> bool:
    """Whether the words hold a number or the like that the task of this target asks for: 能帮我查查SJ100001吗."""
    task = answerer.tasks(turn.conversation.address.workspace).named(target) if target.startswith(TARGET) else None
    if task is None or not isinstance(task.does, Form):
        return False
    begun = engine.begin(task, Said(words), Moment(_moment(turn).at), language(turn, words)).state
    kinds = {slot.name: slot.kind for slot in task.does.slots}
    return begun is not None and any(kinds[name] not in CHOSEN for name in begun.values)


def ask_again(turn: Turn, message: Message, answerer: Answerer) -> None:
    """Repeat the open question after something else was said, as long as the assistant has the conversation."""
    state = turn.conversation.task
    if state is None or turn.conversation.state not in ASSISTED or state.phase not in engine.OPEN:
        return
    task = answerer.tasks(message.address.workspace).named(state.task)
    if task is not None and engine.fits(task, state):
        _carry_out(turn, message, engine.repeat(task, state, _moment(turn)))


def shown_order(turn: Turn, message: Message, order_id: str, answerer: Answerer) -> str | None:
    """The customer sent the card of an order: the task under way takes it, or the one that begins with an order's number
    does. None where there is no such task.
    """
    if not order_id:
        return None
    book, state = answerer.tasks(message.address.workspace), turn.conversation.task
    under_way = book.named(state.task) if state is not None else None
    if under_way is not None and isinstance(under_way.does, Form) and order_slot(under_way.does) is not None:
        intent = take(turn, message, Said(order=order_id), answerer)
        if intent is not None:
            return intent
    begun = book.begun_by_order()
    return start(turn, message, begun.name, "", answerer, order=order_id) if begun is not None else None


def take(turn: Turn, message: Message, said: Said, answerer: Answerer) -> str | None:
    """Let the active task have the message; the intent, or None when the message is none of its business."""
    state = turn.conversation.task
    if state is None:
        return None
    task = answerer.tasks(message.address.workspace).named(state.task)
    moment = _moment(turn)
    if task is None:
        return None if state.phase is Phase.DONE else _carry_out(turn, message, engine.gone(state))
    if not engine.fits(task, state):
        return _carry_out(turn, message, engine.renewed(task, state, moment))
    if engine.overdue(task, state, moment):
        return _carry_out(turn, message, engine.finished(task, state, TIMEOUT_RESULT, moment))
    step = engine.hear(task, state, said, moment)
    if engine.late(task, state, moment):
        return _late(turn, message, state, step, moment)
    if state.phase in engine.OPEN:
        return _open(turn, message, task, state, said, step, answerer)
    if step is not None:
        return _carry_out(turn, message, step)
    if state.phase is Phase.WORKING:
        return _meanwhile(turn, message, state, said, answerer)
    return None


def finished(turn: Turn, job: k.JobFinished, answerer: Answerer) -> str:
    """The end of a call. One that nobody waits for any more (a cancelled look-up) has no effect."""
    conversation = turn.conversation
    state = conversation.task
    if state is None or state.phase is not Phase.WORKING or state.job_id != job.job_id:
        return ""
    task = answerer.tasks(conversation.address.workspace).named(state.task)
    if task is None:
        _carry_out(turn, None, Step(None, (), Intent.HUMAN, human=TASK))
        return ""
    step = engine.finished(task, state, _result(job), _moment(turn))
    if conversation.state in ASSISTED:
        _carry_out(turn, None, step)
    else:
        _told_beside(turn, step)
    return ""


def taker(answerer: Answerer) -> Callable[[Turn, k.JobFinished], str]:
    """What takes the results of jobs of kind ``CONNECTOR``."""

    def take_result(turn: Turn, job: k.JobFinished, /) -> str:
        return finished(turn, job, answerer)

    return take_result


def returned(turn: Turn) -> None:
    """A human gives the conversation back: what was not finished is offered again."""
    state = turn.conversation.task
    step = engine.returned(state, _moment(turn)) if state else None
    if step is not None:
        _carry_out(turn, None, step)


def after_close(conversation: Conversation) -> TaskState | None:
    """What stays of a task when the case is closed: only a call whose result the customer must still hear."""
    state = conversation.task
    return replace(state, under=None) if state is not None and state.phase is Phase.WORKING else None


def _open(
    turn: Turn, message: Message, task: Task, state: TaskState, said: Said, step: Step | None, answerer: Answerer
) -> str:
    """An answer is waited for: the words are one, or ask something else, or are not understood."""
    words = said.text
    moment = _moment(turn)
    other = answerer.tasks(message.address.workspace).started_by(words) if words else None
    answered = step is not None and step.sure and (step.state is None or step.state.open != state.open)
    whole = other is not None and other.whole and not engine.chooses(task, state, step)
    if other is not None and other.task.name != task.name and (whole or not answered):
        return start(turn, message, other.task.name, words, answerer) or Intent.LOST
    if step is not None and step.sure:
        _digress(turn, message, step.rest, answerer)
        return _carry_out(turn, message, step)
    decision = decided(answerer, message, words) if words else None
    if step is not None and not asks(words) and not isinstance(decision, Greets | Thanks):
        return _carry_out(turn, message, step)
    if decision is not None and _aside(turn, message, decision):
        return _carry_out(turn, message, engine.repeat(task, state, moment))
    if isinstance(decision, StartTask) and decision.task != task.name and not is_no_wish(words):
        return start(turn, message, decision.task, words, answerer) or Intent.LOST
    return _carry_out(turn, message, step or engine.missed(task, state, moment))


def _late(turn: Turn, message: Message, state: TaskState, step: Step | None, moment: Moment) -> str | None:
    """The task is put away, with one message; words that are no answer to it go on to the knowledge."""
    answer = step is not None and step.sure
    put_away = engine.put_away(state, moment, ask_to_resume=answer)
    if answer and step is not None and step.intent is Intent.CANCELLED:
        return _carry_out(turn, message, step)
    intent = _carry_out(turn, message, put_away)
    return intent if answer else None


def _meanwhile(turn: Turn, message: Message, state: TaskState, said: Said, answerer: Answerer) -> str:
    """Something is said while a call is under way: a question is answered, anything else asked for patience, once."""
    if said.text and _aside(turn, message, decided(answerer, message, said.text)):
        return Intent.WAITING
    return _carry_out(turn, message, engine.still_working(state))


def _aside(turn: Turn, message: Message, decision: Decision) -> bool:
    """Answer what is asked by the way, if it can be answered for certain."""
    match decision:
        case Say():
            say(turn, message, decision)
        case Greets():
            turn.bot(c.Text(turn.texts.welcome_back), answers=message)
        case Thanks():
            turn.bot(c.Text(turn.texts.thanks), answers=message)
        case _:
            return False
    return True


def _digress(turn: Turn, message: Message, rest: str, answerer: Answerer) -> None:
    """Answer a question that stands beside the values in one message."""
    if len(rest) >= _SHORTEST_DIGRESSION and asks(rest):
        decision = decided(answerer, message, rest)
        if isinstance(decision, Say):
            say(turn, message, decision)


def _carry_out(turn: Turn, message: Message | None, step: Step) -> str:
    """Remember, start, say, hand off; the intent. At the end of a task comes the one that was put under it."""
    under = turn.conversation.task.under if turn.conversation.task is not None else None
    _remember(turn, step)
    for content in step.say:
        turn.bot(content, answers=message)
    if step.intent is Intent.DONE:
        turn.conversation = replace(turn.conversation, answered=True)
    if step.human:
        if step.state is None:  # what was put under it is offered when the human gives the conversation back
            turn.conversation = replace(turn.conversation, task=under)
        hand_off(turn, message, TASK)
    elif step.state is None or step.state.phase is Phase.DONE:
        _take_up(turn, message, under)
    return step.intent


def _take_up(turn: Turn, message: Message | None, under: TaskState | None) -> None:
    """Offer to go on with the task that was put under the one that is over."""
    step = engine.returned(under, _moment(turn)) if under is not None else None
    if step is not None:
        _remember(turn, step)
        for content in step.say:
            turn.bot(content, answers=message)


def _told_beside(turn: Turn, step: Step) -> None:
    """The result of a call while a human has the conversation, or nobody: on the timeline, for both to see."""
    _remember(turn, replace(step, job=None))
    state = turn.conversation.task
    if state is not None and state.phase is Phase.WORKING:
        turn.conversation = replace(turn.conversation, task=replace(state, phase=Phase.ASIDE))
    told = "\n".join(filter(None, map(c.plain_text, step.say)))
    if told:
        turn.note("task_result", told)


def _remember(turn: Turn, step: Step) -> None:
    state = step.state
    if step.job is not None and state is not None:
        job_id = turn.start_job(CONNECTOR, encode_call(step.job.call), timedelta(seconds=step.job.seconds))
        state = replace(state, job_id=job_id)
    turn.conversation = replace(turn.conversation, task=state)


def _result(job: k.JobFinished) -> Result:
    if job.outcome is k.JobOutcome.TIMED_OUT:
        return TIMEOUT_RESULT
    if job.outcome is k.JobOutcome.FAILED:
        return FAILED_RESULT
    try:
        return decode_result(job.body)
    except CallUnreadable:
        return FAILED_RESULT


def _moment(turn: Turn) -> Moment:
    """Now in the business's zone, with what is known of a customer whom the business vouches for."""
    conversation = turn.conversation
    known = {}
    if conversation.verified:
        known["customer_name"] = conversation.customer_name
        known["phone"] = own_phone(conversation.address.customer)
    return Moment(turn.now.astimezone(turn.voice.zone), known, finds_by_buyer(conversation.address))


def language(turn: Turn, words: str) -> str:
    """``zh`` or ``en``: the language of the words; of the customer's locale where they are in none, as numbers are, or pinyin."""
    words = _CODE.sub(" ", words)
    if any("\u4e00" <= character <= "\u9fff" for character in words):
        return "zh"
    if any(not syllables(word) for word in _LATIN.findall(words.lower())):
        return "en"
    return "en" if turn.conversation.locale.lower().startswith("en") else "zh"
