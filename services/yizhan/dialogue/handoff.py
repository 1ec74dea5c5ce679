"""Giving a conversation to the queue: the customer is told at once, and routing is asked for a human."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp, window_to_proto
from yizhan.core.messages.message import Message
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2

REQUESTED = "requested"
NO_ANSWER = "no_answer"
UNREADABLE = "media"
TASK = "task"


REASON_LENGTH = 32


def hand_off(
    turn: Turn, message: Message | None, reason: str, *, rule: str = "", urgency: Urgency = Urgency.NORMAL
) -> None:
    """Give the conversation to the queue, tell the customer, and ask for a human.

    ``message`` is what it follows from; ``rule`` is the guard that asked for it, if one did.
    """
    reason = reason[:REASON_LENGTH]
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
        trigger_message_id=message.id if message else "",
        reply_window=window_to_proto(turn.conversation.reply_window),
        rule=rule,
        urgency=event_pb2.Urgency.ValueType(urgency),
    )
    turn.event(lambda event: event.handoff_requested.CopyFrom(request))
