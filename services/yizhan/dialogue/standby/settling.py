"""Sends what stands by, or something better, once: before anything else happens in the conversation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from yizhan.core.messages.content import Content
from yizhan.core.messages.message import Grounding
from yizhan.dialogue import handled
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.misses.noting import note_answer
from yizhan.dialogue.queueing import queue_up
from yizhan.dialogue.standby.ends import End
from yizhan.dialogue.standby.state import HandOff, Standby
from yizhan.dialogue.turn import TimerSet, Turn
from yizhan.pb.v1 import event_pb2

UNSENT = "unsent"
"""The purpose of the timer after which an answer goes out, whatever became of the job and its result."""

GRACE = timedelta(seconds=5)
"""For the way back of a job that ended at its deadline, and for another process to tell of one whose process died."""


def put_by(turn: Turn, standby: Standby) -> None:
    """Have this answer stand by. It goes out by its timer even if the job, its result or the version that knew it is gone."""
    turn.conversation = replace(turn.conversation, standby=standby)
    turn.timers.append(TimerSet(UNSENT, standby.until, turn.conversation.session))


def unsent(turn: Turn) -> str:
    """The timer has fired; never refused."""
    standby = turn.conversation.standby
    if standby is not None and turn.now < standby.until:  # it is a later one
        turn.timers.append(TimerSet(UNSENT, standby.until, turn.conversation.session))
    else:
        settle(turn, End.INSTEAD)
    return ""


def settle(turn: Turn, end: End = End.OVERTAKEN) -> None:
    """Send the answer that stands by, or hand off as stands by, if something does.

    ``OVERTAKEN``: something else happens, and it goes out before that.
    """
    standby = turn.conversation.standby
    if standby is not None and standby.hands_off is not None:
        _hand_off(turn, standby, standby.hands_off, end)
    elif standby is not None:
        send(turn, standby, standby.said(), standby.grounding, end)


def send(turn: Turn, standby: Standby, contents: Sequence[Content], grounding: Grounding | None, end: End) -> None:
    """Send these messages for the question that waited. Nothing stands by any more."""
    turn.conversation = replace(turn.conversation, standby=None)
    first = len(turn.messages)
    sent = [turn.bot(content, answers=standby.question, grounding=grounding) for content in contents]
    if grounding is not None:
        turn.conversation = replace(turn.conversation, answered=True)
    note_answer(turn, standby.question.asked, standby.question.words, first=first)
    if standby.report is not None:
        intent = "answer" if grounding is not None else standby.intent
        handled.tell(turn, standby.report, event_pb2.DISPOSITION_ANSWERED, intent, sent[0].id if sent else "")
    turn.ends.append(end)


def _hand_off(turn: Turn, standby: Standby, given: HandOff, end: End) -> None:
    """Nothing was found that may be sent: a human takes over, as would have been at once without the job."""
    turn.conversation = replace(turn.conversation, standby=None)
    first = len(turn.messages)
    urgency, topic = Urgency(given.urgency), standby.question.asked.category
    told = queue_up(turn, standby.question, given.reason, preview=given.preview, urgency=urgency, topic=topic)
    note_answer(turn, standby.question.asked, standby.question.words, first=first)
    if standby.report is not None:
        handled.tell(turn, standby.report, event_pb2.DISPOSITION_QUEUED, standby.intent, told.id)
    turn.ends.append(end)
