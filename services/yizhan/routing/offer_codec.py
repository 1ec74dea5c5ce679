"""An open offer as agents' screens and systems get it."""

from yizhan.core.messages.codec import address_to_proto, timestamp, window_to_proto
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.desk import Case


def open_offer(case: Case) -> pb.Offer:
    return pb.Offer(
        id=case.offer_id,
        conversation_id=case.conversation_id,
        address=address_to_proto(case.address),
        agent_id=case.agent_id,
        epoch=case.epoch,
        made_at=timestamp(case.offered_at),
        expires_at=timestamp(case.offer_expires_at),
        deadline=timestamp(case.deadline),
        reason=case.reason,
        customer_name=case.customer_name,
        last_text=case.last_text,
        reply_window=window_to_proto(case.reply_window),
        group_id=case.group_id,
        priority=case.priority,
        from_agent_id=case.from_agent,
        note=case.note,
    )
