"""The event that says what became of a customer's message: exactly one for each accepted envelope."""

from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import handled_id
from yizhan.dialogue.standby.state import Report
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2


def tell(
    turn: Turn,
    report: Report,
    disposition: event_pb2.Disposition.ValueType,
    intent: str,
    reply_id: str,
    *,
    reason: str = "",
) -> None:
    """Its id follows from the envelope, so repeats are harmless."""
    kind = event_pb2.MessageHandled(
        message_id=report.message_id,
        disposition=disposition,
        reason=reason,
        received_at=timestamp(report.received_at),
        published_at=timestamp(report.published_at),
        decided_at=timestamp(turn.now),
        seq=report.seq,
        reply_id=reply_id,
        producer=report.producer,
        intent=intent,
        awaits_channel=turn.conversation.reply_window is not None,
    )
    turn.event(lambda event: event.message_handled.CopyFrom(kind), id=handled_id(report.envelope_id))
