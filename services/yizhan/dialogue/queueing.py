"""The conversation goes to the queue: the customer is told, and routing is asked for a human. See ``handoff``."""

from dataclasses import dataclass, replace

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import timestamp, window_to_proto
from yizhan.core.messages.message import Message
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.handoff_reasons import NO_ANSWER, TRANSFER
from yizhan.dialogue.instead.taking import drop
from yizhan.dialogue.misses.miss import Trail
from yizhan.dialogue.spoken_language import language
from yizhan.dialogue.turn import Answered, Turn
from yizhan.pb.v1 import event_pb2

REASON_LENGTH = 32
TOPIC_LENGTH = 100
GROUP_LENGTH = 36
NAME_LENGTH = 100
DETAIL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class For:
    """Whom a conversation that is given away is meant for, by whom and why; all empty for one that comes from the assistant.

    ``acknowledge``: it came by mail, and the customer is to be told that it is there.
    """

    group_id: str = ""
    group_name: str = ""
    from_agent_id: str = ""
    detail: str = ""
    acknowledge: bool = False


ANYBODY = For()


def queue_up(
    turn: Turn,
    message: Answered | None,
    reason: str,
    *,
    preview: str,
    rule: str = "",
    urgency: Urgency = Urgency.NORMAL,
    topic: str = "",
    wanted: For = ANYBODY,
) -> Message:
    """What the customer is told. ``preview``: what it is about, for lists of who waits; the others as ``hand_off`` has them."""
    reason = reason[:REASON_LENGTH]
    drop(turn)
    topic = (topic or _topic(turn.conversation.trail))[:TOPIC_LENGTH]
    turn.conversation = replace(
        turn.conversation,
        handoff_reason=reason,
        handoff_at=turn.now,
        topic=topic,
        urgency=urgency,
        told_position=0,
        told_wait=0,
        agent_id="",
        agent_name="",
    )
    turn.move(State.QUEUED)
    texts = turn.texts
    searching = {NO_ANSWER: texts.searching_no_answer, TRANSFER: texts.searching_colleague}
    if turn.conversation.is_mail:
        told = turn.note("handed_off", texts.mail_handed_off)
    else:
        told = turn.bot(c.Text(searching.get(reason, texts.searching_requested)), answers=message)
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
        language=language(turn.conversation.locale),
        topic=topic,
        group_id=wanted.group_id[:GROUP_LENGTH],
        group_name=wanted.group_name[:NAME_LENGTH],
        from_agent_id=wanted.from_agent_id,
        detail=wanted.detail[:DETAIL_LENGTH],
        can_choose=True,
        acknowledge=wanted.acknowledge,
    )
    turn.event(lambda event: event.handoff_requested.CopyFrom(request))
    return told


def _topic(trail: Trail | None) -> str:
    """The category of the session's last question, or of what was answered last; empty where none has one."""
    if trail is None:
        return ""
    asked = (() if trail.last is None else (trail.last,)) + trail.answers[::-1]
    return next((one.category for one in asked if one.category), "")
