"""Customers' messages in the order in which they came, although one of them may have to be put into words first.

While a recognition is under way, what the customer sends is stored and shown as always, but waits for its turn. A wish for
a human does not wait.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue import assistant, guarding
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.conversation import ASSISTED, State
from yizhan.dialogue.handled import tell
from yizhan.dialogue.knowledge.intents import wants_human
from yizhan.dialogue.misses.noting import note
from yizhan.dialogue.recognition.asking import ASKED
from yizhan.dialogue.recognition.believing import Words, believed
from yizhan.dialogue.recognition.pending import Pending, unpacked
from yizhan.dialogue.recognition.policy import IMAGE, VOICE, kind_of
from yizhan.dialogue.replies import HUMAN_OPTION
from yizhan.dialogue.standby.settling import settle
from yizhan.dialogue.standby.state import Report
from yizhan.dialogue.turn import Recognised, Turn
from yizhan.pb.v1 import event_pb2

WAITS = "waits_for_recognition"
"""The intent of a message behind one that is being put into words."""

LATER = frozenset({ASKED, WAITS})
"""The intents of messages of which it is not known yet what becomes of them."""

HUMAN = "human"
"""The intent of a message that is left to a human."""

MOST_WAITING = 8
"""Who writes more than this meanwhile is answered without the recogniser."""

SURE = "sure"
LATE = "late"
OVERTAKEN = "overtaken"
NOT_WAITED = "not_waited_for"


def attend(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Act on a stored message of the customer, or keep it until its turn has come; the intent."""
    settle(turn)  # the answer to what was said before this, where several were waiting
    pending = turn.conversation.recognition
    if pending is None:
        return _respond(turn, message, answerer)
    if _wants_human(turn, message, answerer):
        intent = _respond(turn, message, answerer)
        if turn.conversation.state not in ASSISTED:  # they see everything, the file included
            forget(turn)
        return intent
    if turn.now <= pending.until and len(pending.waiting) < MOST_WAITING:
        turn.conversation = replace(turn.conversation, recognition=pending.then(message))
        return WAITS
    _settle(turn, pending, NOT_WAITED, answerer)
    if turn.conversation.state not in ASSISTED:
        return HUMAN
    return attend(turn, message, answerer)


def taker(answerer: Answerer) -> Callable[[Turn, k.JobFinished], str]:
    """What takes the results of jobs of kind ``RECOGNISE``."""

    def take(turn: Turn, end: k.JobFinished, /) -> str:
        pending = turn.conversation.recognition
        if pending is None or pending.job_id != end.job_id:
            turn.recognised.append(Recognised(LATE))
        elif turn.conversation.state not in ASSISTED:
            forget(turn)
        else:
            rules = turn.recognising
            _settle(turn, pending, believed(end, rules) if rules else NOT_WAITED, answerer)
        return ""

    return take


def forget(turn: Turn) -> None:
    """Nobody here acts any more on what is being put into words, and on what waits behind it: a human does, or it is over."""
    pending = turn.conversation.recognition
    if pending is not None:
        _end(turn, OVERTAKEN)
        for report in pending.reports:
            tell(turn, report, event_pb2.DISPOSITION_HELD, HUMAN, "")


def _respond(turn: Turn, message: Message, answerer: Answerer) -> str:
    if isinstance(message.content, c.Text) and message.content.heard:
        return _heard(turn, message, Words(message.content.text), VOICE, answerer)
    if isinstance(message.content, c.Voice) and message.content.media.recognised:
        return _heard(turn, message, Words(message.content.media.recognised), VOICE, answerer)
    first = len(turn.messages)
    intent = assistant.respond(turn, message, answerer)
    note(turn, message, intent, answerer, first=first)
    return intent


def _settle(turn: Turn, pending: Pending, found: Words | str, answerer: Answerer) -> None:
    """The recognition is over. Act on the message with the file, then on what has come since."""
    message = unpacked(pending.said)
    reports = {report.message_id: report for report in pending.reports}
    if isinstance(found, Words):
        _end(turn, SURE, message.seq, found.text)
        kind = kind_of(message.content)
        _acted(turn, reports.get(message.id), message, lambda: _heard(turn, message, found, kind, answerer))
    else:
        _end(turn, found)
        _acted(turn, reports.get(message.id), message, lambda: assistant.offer_human(turn, message))
    for waiting in map(unpacked, pending.waiting):
        report = reports.get(waiting.id)
        settle(turn)  # it may hand off
        if turn.conversation.state in ASSISTED:
            _acted(turn, report, waiting, partial(attend, turn, waiting, answerer))
        elif report is not None:
            tell(turn, report, event_pb2.DISPOSITION_HELD, HUMAN, "")


def _acted(turn: Turn, report: Report | None, message: Message, act: Callable[[], str]) -> None:
    """Act on a message at last and tell what became of it, unless that is still to come."""
    settle(turn)
    before = len(turn.outbound)
    intent = act()
    reply_id = turn.outbound[before].id if len(turn.outbound) > before else ""
    pending, standby = turn.conversation.recognition, turn.conversation.standby
    if report is None:
        return
    if pending is not None and intent in LATER:
        turn.conversation = replace(turn.conversation, recognition=pending.told_later(report))
    elif standby is not None and standby.question.id == message.id and not reply_id:
        turn.conversation = replace(turn.conversation, standby=replace(standby, report=report))
    else:
        queued = turn.conversation.state is State.QUEUED
        known = event_pb2.DISPOSITION_ANSWERED if reply_id else event_pb2.DISPOSITION_HELD
        tell(turn, report, event_pb2.DISPOSITION_QUEUED if queued else known, intent, reply_id)


def _heard(turn: Turn, message: Message, words: Words, kind: str, answerer: Answerer) -> str:
    """Say what was understood, so that it can be corrected, and take it for what the customer says."""
    if not turn.conversation.locale and words.language.lower().startswith("en"):
        turn.conversation = replace(turn.conversation, locale="en")
    echo = turn.texts.read_in_picture if kind == IMAGE else turn.texts.heard
    turn.bot(c.Text(echo.format(words=words.text)), answers=message)
    first = len(turn.messages)
    spoken = replace(message, content=c.Text(words.text))
    intent = assistant.respond(turn, spoken, answerer)
    note(turn, spoken, intent, answerer, first=first)
    return intent


def _end(turn: Turn, outcome: str, seq: int = 0, words: str = "") -> None:
    turn.conversation = replace(turn.conversation, recognition=None)
    turn.recognised.append(Recognised(outcome, seq, words))


def _wants_human(turn: Turn, message: Message, answerer: Answerer) -> bool:
    """Whether the words, or the button, hand the conversation over at once."""
    match message.content:
        case c.Choice(_, option_id, _) if option_id in (assistant.YES_OPTION, HUMAN_OPTION):
            return True
        case c.Text(text) | c.Choice(_, _, text):
            verdict = guarding.judged(turn, message, text, answerer)
            return wants_human(text) or (verdict is not None and verdict.action.hands_off)
        case _:
            return False
