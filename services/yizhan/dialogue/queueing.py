"""The conversation goes to the queue: the customer is told, and routing is asked for a human. See ``handoff``."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp, window_to_proto
from yizhan.core.messages.message import Message
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.handoff_reasons import NO_ANSWER
from yizhan.dialogue.turn import Answered, Turn
from yizhan.pb.v1 import event_pb2

REASON_LENGTH = 32


def queue_up(
    turn: Turn,
    message: Answered | None,
    reason: str,
    *,
    preview: str,
    rule: str = "",
    urgency: Urgency = Urgency.NORMAL,
) -> Message:
    """What the customer is told. ``preview``: the last words, for lists of who waits; the others as ``hand_off`` has them."""
    reason = reason[:REASON_LENGTH]
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
    told = turn.bot(
        c.Text(texts.searching_no_answer if reason == NO_ANSWER else texts.searching_requested), answers=message
    )
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
    return told
